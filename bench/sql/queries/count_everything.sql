-- How many rows the tables of a schema hold.
SELECT coalesce(sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %%I.%%I', schemaname, tablename), false, true, '')))[1]::text::bigint), 0)
FROM pg_tables WHERE schemaname = %s AND tablename <> 'spatial_ref_sys'
