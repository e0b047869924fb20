-- The marks of where what waits begins belong to one run of transaction ids: of another, that of a restored dump, rows may
-- lie below them.
with shards as (
  update fold_shard set low_xid = '0' where low_xid <> '0'
)
update fold_books set low_xid = '0' where low_xid <> '0'
