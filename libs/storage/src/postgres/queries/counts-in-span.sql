-- A cursor over the counts of one grain whose buckets lie in a span; it sees the ledger as of now.
-- $1 grain, $2 first, $3 last start of a bucket, both inclusive, in milliseconds since the epoch
declare counts_in_span no scroll cursor for
select (extract(epoch from bucket) * 1000)::float8 as bucket, event_type, subject, count
from subject_count
where grain = $1
  and bucket >= to_timestamp($2::float8 / 1000)
  and bucket <= to_timestamp($3::float8 / 1000)
