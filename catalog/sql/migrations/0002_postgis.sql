-- PostGIS, and what the roles need of it.

CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;
GRANT SELECT ON public.spatial_ref_sys TO geosocle_owner, geosocle_loader, geosocle_reader, geosocle_worker;
REVOKE ALL ON public.spatial_ref_sys, public.geometry_columns, public.geography_columns FROM PUBLIC;
