-- The communes whose limits the bank has.
SELECT commune FROM admin.limites
