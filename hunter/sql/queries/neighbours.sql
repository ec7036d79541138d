-- The four communes whose parcels are nearest to those of one, itself first.
SELECT s.commune
FROM access.statistics AS s, access.statistics AS chosen
WHERE s.dataset = 'parcelles' AND chosen.dataset = 'parcelles' AND chosen.commune = %s AND s.commune = ANY (%s)
ORDER BY ST_Distance(s.extent, chosen.extent), s.commune <> chosen.commune, s.commune
LIMIT 4
