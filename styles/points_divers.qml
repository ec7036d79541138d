<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling" labelsEnabled="1">
  <renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">
    <symbols>
      <symbol type="marker" name="0" alpha="1" clip_to_extent="1">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="name" type="QString" value="circle"/>
          <Option name="color" type="QString" value="255,255,255,255"/>
          <Option name="outline_color" type="QString" value="51,51,51,255"/>
          <Option name="outline_style" type="QString" value="solid"/>
          <Option name="outline_width" type="QString" value="0.15"/>
          <Option name="size" type="QString" value="1.8"/>
          <Option name="size_unit" type="QString" value="MM"/>
        </Option>
        <data_defined_properties>
          <Option type="Map">
            <Option name="name" type="QString" value=""/>
            <Option name="properties" type="Map">
              <Option name="name" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="CASE WHEN &quot;symbole&quot; = '12' THEN 'cross' WHEN &quot;symbole&quot; = '30' THEN 'arrow' ELSE 'circle' END"/>
                <Option name="type" type="int" value="3"/>
              </Option>
              <Option name="size" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="CASE WHEN &quot;symbole&quot; = '12' THEN 2.4 WHEN &quot;symbole&quot; = '30' THEN 4 WHEN &quot;symbole&quot; = '63' THEN 1.8 ELSE 1 END"/>
                <Option name="type" type="int" value="3"/>
              </Option>
              <Option name="fillColor" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="CASE WHEN &quot;symbole&quot; = '30' THEN '#3b7fb3' WHEN &quot;symbole&quot; = '63' THEN '#ffffff' ELSE '#1a1a1a' END"/>
                <Option name="type" type="int" value="3"/>
              </Option>
              <Option name="angle" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="CASE WHEN &quot;symbole&quot; = '30' THEN 90 - coalesce(&quot;orientation&quot;, 0) ELSE -coalesce(&quot;orientation&quot;, 0) END"/>
                <Option name="type" type="int" value="3"/>
              </Option>
            </Option>
            <Option name="type" type="QString" value="collection"/>
          </Option>
        </data_defined_properties>
        </layer>
      </symbol>
    </symbols>
  </renderer-v2>
  <labeling type="simple">
    <settings calloutType="simple">
      <text-style fieldName="nom" isExpression="0" fontFamily="Sans Serif" fontSize="7" fontSizeUnit="Point" textColor="40,40,40,255" textOpacity="1">
        <text-buffer bufferDraw="1" bufferSize="0.7" bufferSizeUnits="MM" bufferColor="255,255,255,255" bufferOpacity="1"/>
      </text-style>
      <placement placement="1" quadOffset="5"/>
      <rendering scaleVisibility="1" scaleMin="1" scaleMax="2500" drawLabels="1"/>
    </settings>
  </labeling>
</qgis>
