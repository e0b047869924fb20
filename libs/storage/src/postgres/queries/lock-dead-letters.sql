-- Locks dead letters, oldest first, and skips those that were replayed meanwhile: none of them is replayed twice. $1 ids
select dead_letter_id as id, kind, convert_from(payload, 'UTF8') as payload, event_type as "eventType"
from dead_letter
where dead_letter_id = any($1::bigint[]) and replayed_at is null
order by dead_letter_id
for update
