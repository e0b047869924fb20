-- Up Migration

-- The day of a partition, by its name; null for any other relation. Queries ask by a join with pg_class whose conditions
-- PostgreSQL may take in any order: to_date itself would fail on the names of tables that the join then leaves out.
create function partition_day(name text) returns date language sql immutable strict parallel safe as $$
  select case when name ~ '_[0-9]{8}$' then to_date(right(name, 8), 'YYYYMMDD') end
$$;
