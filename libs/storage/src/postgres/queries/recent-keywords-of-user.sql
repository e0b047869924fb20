-- $1 user, $2 the time in milliseconds since the epoch after which a search must lie, $3 limit
select keyword
from event
where event_type = 'SEARCH' and user_id = $1 and occurred_at > to_timestamp($2::float8 / 1000)
group by keyword
order by max(occurred_at) desc, keyword desc
limit $3
