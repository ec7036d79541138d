-- The queue's own functions name no schema; until the end of the transaction.
SELECT set_config('search_path', 'queue, pg_catalog', true)
