-- The dead letters that are to be replayed, oldest first, locked: none of them is replayed twice.
-- $1 to $5 as in count-dead-letters; $6 limit
select dead_letter_id as id, kind, convert_from(payload, 'UTF8') as payload, event_type as "eventType"
from dead_letter
where replayed_at is null
  and ($1::bigint[] is null or dead_letter_id = any($1))
  and ($2::text is null or code = $2 or position(lower($2) in lower(reason)) > 0)
  and ($3::text is null or event_type = $3)
  and ($4::float8 is null or at >= to_timestamp($4 / 1000))
  and ($5::float8 is null or at < to_timestamp($5 / 1000))
order by dead_letter_id
limit $6
for update
