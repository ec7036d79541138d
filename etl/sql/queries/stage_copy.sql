-- Stage rows.
COPY {stage} (id, unite, delivery, {columns}) FROM STDIN
