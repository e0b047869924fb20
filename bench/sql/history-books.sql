-- The books of the process that is supposed to have made the history.
-- $1 number of events
insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
values (gen_random_uuid(), $1, $1, $1, 0, 0)
