-- What serves the figures.
SELECT current_setting('server_version'), postgis_lib_version()
