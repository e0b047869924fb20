-- Dead letters, newest first, until they hold so many bytes; one at least. `candidates`: how many there were to choose from.
-- $1 code, or part of the reason in any letter case; $2 event_type; $3 inclusive, $4 exclusive, in milliseconds since the
-- epoch; each null where it does not matter; $5 only those with a lower id, or null; $6 limit; $7 bytes
with candidate as (
  select dead_letter_id, octet_length(payload) as bytes
  from dead_letter
  where ($1::text is null or code = $1 or position(lower($1) in lower(reason)) > 0)
    and ($2::text is null or event_type = $2)
    and ($3::float8 is null or at >= to_timestamp($3 / 1000))
    and ($4::float8 is null or at < to_timestamp($4 / 1000))
    and ($5::bigint is null or dead_letter_id < $5)
  order by dead_letter_id desc
  limit $6 + 1
),
summed as (
  select
    dead_letter_id,
    row_number() over newest_first as nth,
    sum(bytes) over newest_first as bytes,
    count(*) over () as candidates
  from candidate
  window newest_first as (order by dead_letter_id desc)
)
select
  dead_letter_id as id, kind,
  convert_from(payload, 'UTF8') as payload,
  event_type as "eventType",
  reason, code, attempts,
  (extract(epoch from at) * 1000)::float8 as at,
  (extract(epoch from replayed_at) * 1000)::float8 as "replayedAt",
  candidates
from summed
join dead_letter using (dead_letter_id)
where nth <= $6 and (nth = 1 or summed.bytes <= $7)
order by dead_letter_id desc
