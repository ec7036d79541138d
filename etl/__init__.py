"""Deliveries become tables: open → check → repair → conform → load → report."""
