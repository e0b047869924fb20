-- How many dead letters a replay is about, those that were replayed before included.
-- $1 ids, or null; else by filter: $2 code or part of the reason, $3 event_type, $4 inclusive, $5 exclusive, in
-- milliseconds since the epoch, each null where it does not matter
select count(*) as matched
from dead_letter
where ($1::bigint[] is null or dead_letter_id = any($1))
  and ($2::text is null or code = $2 or position(lower($2) in lower(reason)) > 0)
  and ($3::text is null or event_type = $3)
  and ($4::float8 is null or at >= to_timestamp($4 / 1000))
  and ($5::float8 is null or at < to_timestamp($5 / 1000))
