-- The communes of which parcels are served.
SELECT commune FROM access.statistics WHERE dataset = 'parcelles' AND objects > 0
