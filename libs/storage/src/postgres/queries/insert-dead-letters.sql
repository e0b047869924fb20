-- $1 batch_id, $2 event_id, $3 event_type, $4 code, $5 reason, $6 payload (JSON text), $7 attempts, $8 event_count; arrays
-- of equal length
insert into dead_letter (batch_id, event_id, event_type, code, reason, payload, attempts, event_count)
select batch_id, event_id, event_type, code, reason, convert_to(payload, 'UTF8'), attempts, event_count
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[])
  as new (batch_id, event_id, event_type, code, reason, payload, attempts, event_count)
