-- What waits to be added up; see the function. $1 versions that are known, $2 whether to look below the low marks, too
select shard, rows, changes, oldest_ms as "oldestMs", stalled_ms as "stalledMs", unknown, below
from pending_work($1::smallint[], $2::boolean)
order by shard
