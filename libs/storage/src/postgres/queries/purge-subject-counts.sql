-- Deletes some counts past their life, the oldest first. $1 grain, 'hour' or 'day': one table each, so that a row's place
-- names it; $2 life in milliseconds; $3 rows at most
delete from subject_count
where grain = $1
  and ctid = any (array(
    select ctid from subject_count
    where grain = $1 and bucket < now() - $2::float8 * interval '1 millisecond'
    order by bucket
    limit $3
    for update skip locked
  ))
