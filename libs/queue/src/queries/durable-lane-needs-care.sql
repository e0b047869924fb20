-- Whether a job of the lane was lost by who took it, or more than $2 wait. $1 the lane's name
select exists (
  select from pgboss.job
  where name = $1 and state = 'active' and heartbeat_on + heartbeat_seconds * interval '1 second' < now()
) or exists (
  select from pgboss.job where name = $1 and state < 'active' and not blocked offset $2::integer limit 1
) as "needsCare"
