-- The groups that the caller sees in a tile's box, the key of what it sees there, and of the rules by which it does: what
-- was drawn while a table's rule was lifted or changed by hand has another name.
SELECT seen, key || md5((
    SELECT string_agg(concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity, p.polname, p.polcmd, p.polpermissive,
                                p.polroles, p.polqual), ',' ORDER BY c.oid, p.polname)
    FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.oid = ANY (ARRAY[{tables}])))
FROM access.tile_key(%(dataset)s, %(groups)s, {area})
