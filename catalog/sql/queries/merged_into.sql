-- What a commune has merged into.
SELECT nouvelle FROM admin.fusions WHERE ancienne = %s
