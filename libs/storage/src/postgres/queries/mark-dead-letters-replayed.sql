-- $1 ids
update dead_letter set replayed_at = now() where dead_letter_id = any($1::bigint[])
