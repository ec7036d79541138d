-- Pin the caller's key to this transaction: the functions of `jobs` resolve it.
SELECT set_config('app.key', %s, true)
