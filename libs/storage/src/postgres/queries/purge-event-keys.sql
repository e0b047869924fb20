-- Deletes the keys past their life from some pages of the table, so that no index on their time is needed.
-- $1 first page, $2 the page after the last, $3 life in milliseconds
delete from event_key
where ctid >= format('(%s,0)', $1::bigint)::tid and ctid < format('(%s,0)', $2::bigint)::tid
  and committed_at < now() - $3::float8 * interval '1 millisecond'
