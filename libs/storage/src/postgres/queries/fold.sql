-- Adds up what commits appended; see the function. $1 shards, $2 versions, $3 rows and $4 changes at most, $5 milliseconds
-- since a shard's last fold at least, $6 the one row that is taken, or null
select fold($1::smallint[], $2::smallint[], $3::integer, $4::integer, $5::integer, $6::bigint) as folded
