-- One subject's count over spans of buckets.
-- $1 event_type, $2 subject; $3 grain, $4 inclusive, $5 exclusive of each span, in milliseconds since the epoch
select coalesce(sum(s.count), 0)::bigint as count
from unnest($3::text[], $4::bigint[], $5::bigint[]) as span (grain, from_ms, to_ms)
join subject_count s
  on s.grain = span.grain
  and s.bucket >= to_timestamp(span.from_ms / 1000.0::float8)
  and s.bucket < to_timestamp(span.to_ms / 1000.0::float8)
where s.event_type = $1 and s.subject = $2
