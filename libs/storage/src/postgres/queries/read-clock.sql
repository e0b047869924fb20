-- The database's clock, in whole milliseconds since the epoch; not that of the transaction's begin.
select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now
