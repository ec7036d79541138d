"""pygeoapi plugins that read the tables, and what they share."""
