-- Sets what a session needs. What this version of PostgreSQL does not know is left out.
-- $1 names, $2 their values
-- out: each setting, and its value as PostgreSQL writes it
select name, set_config(name, value, false) as value
from unnest($1::text[], $2::text[]) as wanted (name, value)
where current_setting(name, true) is not null
