-- What the peers need to find their rows.
ALTER TABLE parcelles ADD PRIMARY KEY (id);
CREATE INDEX ON parcelles USING gist (geom);
