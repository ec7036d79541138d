-- The communes that the bank holds; those that have merged too: their past is held.
SELECT commune FROM admin.limites UNION SELECT ancienne FROM admin.fusions
