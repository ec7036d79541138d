-- Pin the caller's key and usage to this transaction, which only reads, and become the reader.
SELECT set_config('transaction_read_only', 'on', true),
       set_config('app.key', %s, true),
       set_config('app.usage', %s, true),
       set_config('role', 'geosocle_reader', true)
