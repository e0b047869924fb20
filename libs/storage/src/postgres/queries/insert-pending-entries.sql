-- Appends the books of a commit: one row a producer and hour. Arrays of equal length.
-- $1 producer_id, $2 acknowledged (absolute), $3 received, $4 stored, $5 duplicate, $6 dead, $7 hour, $8 when the first of
-- the events was received; both in milliseconds since the epoch; $9 version
insert into pending_entry (
  version, producer_id, acknowledged, received, stored, duplicate, dead, hour, first_received_at
)
select
  $9::smallint, producer_id, acknowledged, received, stored, duplicate, dead,
  to_timestamp(hour / 1000.0::float8), to_timestamp(first_received_at / 1000.0::float8)
from unnest(
  $1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]
) as new (producer_id, acknowledged, received, stored, duplicate, dead, hour, first_received_at)
