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
        <data_defined_properties>
          <Option type="Map">
            <Option name="name" type="QString" value=""/>
            <Option name="properties" type="Map">
              <Option name="outlineColor" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="if(&quot;symbole&quot; = '62', '#3b7fb3', '#7a7a7a')"/>
                <Option name="type" type="int" value="3"/>
              </Option>
              <Option name="outlineStyle" type="Map">
                <Option name="active" type="bool" value="true"/>
                <Option name="expression" type="QString" value="if(&quot;symbole&quot; = '21', 'dash', 'solid')"/>
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
</qgis>
