"""An invented territory, kept in memory and written in the formats that real deliveries come in."""
