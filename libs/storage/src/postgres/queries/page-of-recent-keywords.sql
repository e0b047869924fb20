-- The latest search of each user and keyword since $1 (milliseconds since the epoch), users above $2, $3 rows a page.
-- A page ends between rows of a user; the next one begins with that user again, which does no harm.
select user_id, keyword, (extract(epoch from max(occurred_at)) * 1000)::float8 as occurred_at
from event
where event_type = 'SEARCH' and user_id >= $2::bigint and occurred_at > to_timestamp($1::float8 / 1000)
group by user_id, keyword
order by user_id, keyword
limit $3
