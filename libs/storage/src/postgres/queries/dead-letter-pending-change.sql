-- Moves a row that can't be added up to the dead letters. $1 change_id, $2 code, $3 reason, $4 attempts
with dead as (
  delete from pending_change where change_id = $1 returning *
)
insert into dead_letter (kind, batch_id, attempts, event_count, event_type, code, reason, payload)
select
  'change', '00000000-0000-0000-0000-000000000000', $4, 0, coalesce(count_types[1], like_types[1]), $2, $3,
  convert_to(json_strip_nulls(to_json(dead))::text, 'UTF8')
from dead
