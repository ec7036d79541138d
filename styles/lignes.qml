<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling" labelsEnabled="0">
  <renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0">
    <symbols>
      <symbol type="line" name="0" alpha="1" clip_to_extent="1">
        <layer class="SimpleLine" enabled="1" locked="0" pass="0">
        <Option type="Map">
          <Option name="line_color" type="QString" value="122,122,122,255"/>
          <Option name="line_style" type="QString" value="solid"/>
          <Option name="line_width" type="QString" value="0.2"/>
          <Option name="line_width_unit" type="QString" value="MM"/>
          <Option name="capstyle" type="QString" value="round"/>
          <Option name="joinstyle" type="QString" value="round"/>
        </Option>
        </layer>
      </symbol>
    </symbols>
  </renderer-v2>
</qgis>
