"""What `make bench` runs: Géosocle, rules on, beside servers without rules, on the same rows of the same machine."""
