"""The quality contract: rules over the rows of a sheet, and of a commune."""
