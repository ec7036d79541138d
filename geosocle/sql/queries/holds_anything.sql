-- Whether anything was ever loaded here, or anybody has ever been a member.
SELECT EXISTS (SELECT FROM etl.deliveries) OR EXISTS (SELECT FROM access.organisations WHERE id <> 'public')
