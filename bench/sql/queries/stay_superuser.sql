-- What become_reader does, but for the role: the superuser stays, whom no policy holds.
SELECT set_config('transaction_read_only', 'on', true),
       set_config('app.key', %s, true),
       set_config('app.usage', %s, true),
       set_config('role', 'none', true)
