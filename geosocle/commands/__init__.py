"""The commands, one module a family: each parses, calls one function and prints its result."""
