-- How many rows of a shard a fold could take. $1 shard, $2 versions
select count(*)::integer as rows
from fold_shard f
join pending_change p on p.shard = f.shard and p.xid >= f.low_xid
where f.shard = $1 and p.version = any($2::smallint[])
