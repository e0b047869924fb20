-- $1 event_id, $2 occurred_at, $3 received_at (milliseconds since the epoch), $4 user_id, $5 component_id, $6 post_id,
-- $7 event_type, $8 session_id, $9 element_id, $10 keyword, $11 properties as JSON text; arrays of equal length
insert into event (
  event_id, occurred_at, received_at, user_id, component_id, post_id,
  event_type, session_id, element_id, keyword, properties
)
select
  event_id, to_timestamp(occurred_at / 1000.0::float8), to_timestamp(received_at / 1000.0::float8), user_id,
  component_id, post_id, event_type, session_id, element_id, keyword, properties::jsonb
from unnest(
  $1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
  $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]
) as new (
  event_id, occurred_at, received_at, user_id, component_id, post_id,
  event_type, session_id, element_id, keyword, properties
)
