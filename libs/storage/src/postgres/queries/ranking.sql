-- The subjects with the highest counts over spans of buckets, above zero, those of $2 taken off those of $1.
-- $1 event_type, $2 event_type or null; $3 grain, $4 inclusive, $5 exclusive of each span, in milliseconds since the
-- epoch; $6 limit; $7 whether ties go by ascending subject, else descending
select s.subject, sum(case when s.event_type = $1 then s.count else -s.count end)::bigint as count
from unnest($3::text[], $4::bigint[], $5::bigint[]) as span (grain, from_ms, to_ms)
join subject_count s
  on s.grain = span.grain
  and s.bucket >= to_timestamp(span.from_ms / 1000.0::float8)
  and s.bucket < to_timestamp(span.to_ms / 1000.0::float8)
where s.event_type in ($1, $2::text)
group by s.subject
having sum(case when s.event_type = $1 then s.count else -s.count end) > 0
order by count desc, case when $7::boolean then s.subject end, s.subject desc
limit $6
