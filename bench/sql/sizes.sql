-- Bytes on disk by table and index of the schema `public`. A partition counts with the table or index that it is part
-- of; a table's own bytes are its rows with their TOAST, free space and visibility maps.
-- Comes back: table_name, index_name (null: the table's own), bytes
select
  coalesce(pg_partition_root(owner.oid), owner.oid)::regclass::text as table_name,
  case when relation.relkind = 'i'
    then coalesce(pg_partition_root(relation.oid), relation.oid)::regclass::text
  end as index_name,
  sum(case when relation.relkind = 'i' then pg_relation_size(relation.oid) else pg_table_size(relation.oid) end)::float8
    as bytes
from pg_class relation
left join pg_index on pg_index.indexrelid = relation.oid
join pg_class owner on owner.oid = coalesce(pg_index.indrelid, relation.oid)
where relation.relkind in ('r', 'i') and relation.relnamespace = 'public'::regnamespace
group by 1, 2
order by 1, 2 nulls first
