-- Into what a commune merged, from which day on, and when that was said.
SELECT nouvelle, jour, dite_le FROM admin.fusions WHERE ancienne = %s
