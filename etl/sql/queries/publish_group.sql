-- Publish a further group of attributes, with its part of the feature's text: a comma, then its properties.
INSERT INTO {table} (id, unite, {columns}, feature)
SELECT s.id, s.unite, {columns},
       ',' || left(right((SELECT row_to_json(p)::text FROM (SELECT {shown}) p), -1), -1)
FROM {stage} s
WHERE s.delivery = %(delivery)s AND s.commune = %(commune)s
