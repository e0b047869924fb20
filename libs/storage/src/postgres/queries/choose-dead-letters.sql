-- The dead letters that are to be replayed next, oldest first, until they hold so many events or bytes; one at least.
-- $1 to $5 as in count-dead-letters; $6 only those with a higher id; $7 letters, $8 events and $9 bytes at most
select id
from (
  select
    id,
    row_number() over oldest_first as nth,
    sum(event_count) over oldest_first as events,
    sum(bytes) over oldest_first as bytes
  from (
    select dead_letter_id as id, event_count, octet_length(payload) as bytes
    from dead_letter
    where replayed_at is null
      and dead_letter_id > $6::bigint
      and ($1::bigint[] is null or dead_letter_id = any($1))
      and ($2::text is null or code = $2 or position(lower($2) in lower(reason)) > 0)
      and ($3::text is null or event_type = $3)
      and ($4::float8 is null or at >= to_timestamp($4 / 1000))
      and ($5::float8 is null or at < to_timestamp($5 / 1000))
    order by dead_letter_id
    limit $7
  ) as candidate
  window oldest_first as (order by id)
) as chosen
where nth = 1 or (events <= $8 and bytes <= $9)
order by id
