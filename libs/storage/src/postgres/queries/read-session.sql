-- What a session is, asked after its settings: behind a pooler that is not in session mode they may have gone.
-- $1 names of settings
-- out: the process that serves it; the settings as they are now; whether another client left statements in it
select
  pg_backend_pid() as pid,
  (
    select json_object_agg(name, current_setting(name, true))
    from unnest($1::text[]) as wanted (name)
  ) as settings,
  exists (select from pg_prepared_statements) as "isUsed"
