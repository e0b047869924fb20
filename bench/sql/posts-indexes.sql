-- How the indexes of like_state are made.
select pg_get_indexdef(indexrelid) as ddl from pg_index where indrelid = 'like_state'::regclass
