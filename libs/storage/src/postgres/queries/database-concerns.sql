-- What makes commits less durable than they are promised to be, and can be changed while the server runs.
-- out: fsync; the standbys that a commit waits for, empty without any
select
  current_setting('fsync') as fsync,
  current_setting('synchronous_standby_names') as standbys
