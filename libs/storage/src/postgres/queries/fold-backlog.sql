-- What waits to be added up; see the function. $1 versions that are known
select events as waiting, oldest_seconds as "oldestSeconds" from fold_backlog($1::smallint[])
