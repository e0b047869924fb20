-- The oldest row of a shard that a fold would take. $1 shard, $2 versions
select p.change_id as id, p.size
from fold_shard f
join pending_change p on p.shard = f.shard and p.xid >= f.low_xid
where f.shard = $1 and p.version = any($2::smallint[])
order by p.xid, p.change_id
limit 1
