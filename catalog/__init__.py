"""What we hold, where it is stored, who may see it."""
