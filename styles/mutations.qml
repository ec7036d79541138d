<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling" labelsEnabled="1">
  <renderer-v2 type="categorizedSymbol" attr="nature" symbollevels="0" enableorderby="0">
    <categories>
      <category symbol="0" value="création" label="création" render="true"/>
      <category symbol="1" value="suppression" label="suppression" render="true"/>
      <category symbol="2" value="division" label="division" render="true"/>
      <category symbol="3" value="réunion" label="réunion" render="true"/>
      <category symbol="4" value="modification" label="modification" render="true"/>
      <category symbol="5" value="renumérotation" label="renumérotation" render="true"/>
      <category symbol="6" value="remaniement" label="remaniement" render="true"/>
      <category symbol="7" value="attributs" label="attributs" render="true"/>
      <category symbol="8" value="fusion de communes" label="fusion de communes" render="true"/>
    </categories>
    <symbols>
      <symbol type="fill" name="0" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="46,125,50,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="46,125,50,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="1" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="198,40,40,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="198,40,40,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="2" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="239,108,0,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="239,108,0,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="3" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="106,27,154,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="106,27,154,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="4" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="21,101,192,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="21,101,192,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="5" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="2,119,189,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="2,119,189,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="6" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="69,39,160,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="69,39,160,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="7" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="249,168,37,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="249,168,37,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
      <symbol type="fill" name="8" alpha="1" clip_to_extent="1">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="color" type="QString" value="84,110,122,90"/>
          <Option name="style" type="QString" value="solid"/>
          <Option name="outline_color" type="QString" value="84,110,122,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.5"/>
          <Option name="outline_width_unit" type="QString" value="MM"/>
        </Option>
        </layer>
      </symbol>
    </symbols>
  </renderer-v2>
  <labeling type="simple">
    <settings calloutType="simple">
      <text-style fieldName="nature" isExpression="0" fontFamily="Sans Serif" fontSize="8" fontSizeUnit="Point" textColor="40,40,40,255" textOpacity="1">
        <text-buffer bufferDraw="1" bufferSize="0.7" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="1"/>
      </text-style>
      <placement placement="1" centroidInside="1"/>
      <rendering scaleVisibility="1" scaleMin="1" scaleMax="10000" drawLabels="1"/>
    </settings>
  </labeling>
</qgis>
