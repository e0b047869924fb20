-- How the indexes of these names are made. $1 names
select pg_get_indexdef(indexrelid) as ddl from pg_index where indexrelid = any($1::text[]::regclass[])
