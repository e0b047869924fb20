-- A cursor over the minute and hour counts whose buckets lie in a span; it sees the ledger as of now.
-- $1 first, $2 last start of a minute bucket in milliseconds since the epoch (hours: those that hold these minutes)
declare counts_in_span no scroll cursor for
select grain, (extract(epoch from bucket) * 1000)::float8 as bucket, event_type, subject, count
from subject_count
where (
    grain = 'minute' and bucket >= to_timestamp($1::float8 / 1000)
    or grain = 'hour' and bucket >= date_trunc('hour', to_timestamp($1::float8 / 1000), 'UTC')
  )
  and bucket <= to_timestamp($2::float8 / 1000)
