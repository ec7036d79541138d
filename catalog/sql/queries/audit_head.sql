-- How many lines the register has, where it ends, and that line's hash.
SELECT (SELECT count(*) FROM registre.lines), number, encode(hash, 'hex') FROM registre.head
