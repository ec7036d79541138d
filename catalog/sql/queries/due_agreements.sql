-- The signed agreements that nothing follows and that end within sixty days, or have ended without being ended.
SELECT a.id, a.organisation, a.last_day, a.last_day - access.today() AS days,
       CASE WHEN a.last_day < access.today() THEN 'terminée sans suite'
            WHEN a.last_day - access.today() <= 15 THEN 'préavis de 15 jours' ELSE 'préavis de 60 jours' END AS notice
FROM access.agreements a
WHERE a.last_day - access.today() <= 60 AND a.last_day >= a.first_day AND a.ended IS NULL
  AND NOT EXISTS (SELECT FROM access.agreements n WHERE n.renews = a.id)
ORDER BY a.last_day, a.id
