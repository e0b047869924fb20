-- Dead letters, newest first.
-- $1 code, or part of the reason in any letter case; $2 event_type; $3 inclusive, $4 exclusive, in milliseconds since the
-- epoch; each null where it does not matter; $5 only those with a lower id, or null; $6 limit
select
  dead_letter_id as id, kind,
  convert_from(payload, 'UTF8') as payload,
  event_type as "eventType",
  reason, code, attempts,
  (extract(epoch from at) * 1000)::float8 as at,
  (extract(epoch from replayed_at) * 1000)::float8 as "replayedAt"
from dead_letter
where ($1::text is null or code = $1 or position(lower($1) in lower(reason)) > 0)
  and ($2::text is null or event_type = $2)
  and ($3::float8 is null or at >= to_timestamp($3 / 1000))
  and ($4::float8 is null or at < to_timestamp($4 / 1000))
  and ($5::bigint is null or dead_letter_id < $5)
order by dead_letter_id desc
limit $6
