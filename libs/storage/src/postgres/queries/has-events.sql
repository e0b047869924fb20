-- Whether any event is stored.
select exists (select from event) as found
