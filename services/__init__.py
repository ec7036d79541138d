"""Tables become services: OGC API over pygeoapi, under the caller's own rights."""
