-- Claims the event ids that clients supplied. Comes back: the new ones; the others are duplicates.
-- $1 ids
insert into event_key (event_id)
select event_id from unnest($1::uuid[]) as new (event_id)
order by event_id
on conflict do nothing
returning event_id
