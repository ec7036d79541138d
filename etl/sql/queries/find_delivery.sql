-- The last delivery with this content that was not refused.
SELECT id, status FROM etl.deliveries WHERE kind = %s AND sha256 = %s AND status <> 'refused' ORDER BY id DESC LIMIT 1
