-- $1 parent, $2 day: drops its detached partition; of events, what goes is entered in the books
select drop_partition($1, $2::date)
