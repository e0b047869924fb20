-- How many shards there are, numbered from 0.
select count(*)::integer as shards from fold_shard
