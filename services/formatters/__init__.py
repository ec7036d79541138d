"""What items are written as."""
