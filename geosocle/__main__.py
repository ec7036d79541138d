"""`python -m geosocle` is `geosocle`."""

from geosocle.main import app

app(prog_name="geosocle")
