-- Up Migration

-- What commits append and folds add up. The shards: every count, like state and list of recent keywords belongs to one.
create table fold_shard (
  shard smallint primary key,
  -- No row of the shard below this waits: transactions below it are over, and their rows were taken. So a fold does not walk
  -- over dead rows that an old snapshot keeps from being vacuumed.
  low_xid xid8 not null default '0',
  folded_at timestamptz not null default '-infinity'
) with (fillfactor = 50);

insert into fold_shard (shard) select generate_series(0, 7);

-- Changes of one commit to one shard, packed: the arrays of a kind have one length. A row is never updated.
create table pending_change (
  change_id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  -- A commit may have waited: the clock, not when its transaction began.
  appended_at timestamptz not null default clock_timestamp(),
  -- Changes in this row.
  size integer not null,
  shard smallint not null,
  -- Of the encoding. A worker leaves rows of versions that it does not know.
  version smallint not null,

  -- Counts. Minutes since the epoch; the subject is what the views show, the rest is the key in `statistic`.
  count_minutes integer[],
  count_types text[],
  count_subjects text[],
  count_components bigint[],
  count_keywords text[],
  count_posts bigint[],
  count_values bigint[],

  -- Likes and unlikes, one an event, milliseconds since the epoch. What took effect is decided by the fold.
  like_types text[],
  like_states boolean[],
  like_users bigint[],
  like_posts bigint[],
  like_times bigint[],
  like_ids uuid[],
  like_subjects text[],
  like_components bigint[],
  like_keywords text[],

  -- Latest searches, for the views; milliseconds since the epoch.
  recent_users bigint[],
  recent_keywords text[],
  recent_times bigint[]
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_vacuum_cost_delay = 0,
  -- Emptied pages are written again at once. Giving them back would lock commits out for a moment.
  vacuum_truncate = false
);

create index pending_change_order on pending_change (shard, xid, change_id);

-- The books of a commit that waits to be added up: one row a producer and hour of `occurred_at`. In each row received =
-- stored + duplicate + dead; `hour` is null where nothing was stored.
create table pending_entry (
  entry_id bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  appended_at timestamptz not null default clock_timestamp(),
  first_received_at timestamptz not null,
  hour timestamptz,
  producer_id uuid not null,
  acknowledged bigint not null,
  received bigint not null,
  stored bigint not null,
  duplicate bigint not null,
  dead bigint not null,
  version smallint not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
  vacuum_truncate = false
);

create index pending_entry_order on pending_entry (xid, entry_id);

-- As `fold_shard`, of `pending_entry`; one row.
create table fold_books (
  one boolean primary key default true check (one),
  low_xid xid8 not null default '0',
  folded_at timestamptz not null default '-infinity'
) with (fillfactor = 50);

insert into fold_books default values;

-- Events stored, by the hour of `occurred_at`. Those whose partition was dropped stand under '-infinity'.
create table event_hour (
  hour timestamptz primary key,
  stored bigint not null
) with (fillfactor = 50);

-- How far the hours of a day were compared with the rows of `event`. `difference` is what was counted there, less what
-- `event_hour` holds and what waits in `pending_entry`, as of one snapshot: 0, unless rows came or went otherwise. Adding up
-- what waits does not change it, nor does an event that comes late. Days whose partition was dropped stand under '-infinity'.
create table event_check (
  day date primary key,
  -- The hours before this were counted.
  until timestamptz not null,
  difference bigint not null,
  -- Of `event_day`, when the day was counted: workers of the release before this one say by it that they stored late events.
  late_commits bigint not null default 0
);

insert into event_check (day, until, difference, late_commits)
select day, (day + 1)::timestamp at time zone 'UTC', rows, late_commits from event_day where rows is not null;

insert into event_check (day, until, difference)
select '-infinity', '-infinity', sum(dropped) from event_day having sum(dropped) > 0;

-- The hours whose buckets the views owe, and the commits that a fold added up with it; null in rows of the release before
-- this one.
alter table view_debt add column hours timestamptz[], add column xids xid8[];

-- The youngest are looked for with each fold of the books, however many an outage of the views has left.
create index view_debt_age on view_debt (created_at);

-- `change`: what a fold could not add up. Its events are stored, so it stands for none of them.
alter table dead_letter add column kind text not null default 'event';

-- A change to a count, and to the likes of its post. A type of its own, so that a fold can hold what it adds up in an array.
create type folded_count as (
  minute integer, event_type text, component_id bigint, post_id bigint, subject text, keyword text,
  change bigint, likes integer
);

-- Brings like states up to the changes of `taken`, last writer wins by (time, id), and answers the counts of those that took
-- effect: that changed the state which the change before them, by stamp, had left.
create function fold_likes(taken pending_change[]) returns folded_count[] language plpgsql as $$
declare
  new_pairs like_state[];
  known like_state[];
  effective folded_count[];
begin
  -- Most pairs are new: their last state is written at once. What is left out has a state already.
  with change as (
    select c.*
    from unnest(taken) as t
    cross join lateral unnest(t.like_posts, t.like_users, t.like_states, t.like_times, t.like_ids)
      as c (post_id, user_id, liked, occurred_at, event_id)
  ),
  written as (
    insert into like_state (post_id, user_id, liked, occurred_at, event_id)
    select distinct on (post_id, user_id)
      post_id, user_id, liked, to_timestamp(occurred_at / 1000.0::float8), event_id
    from change
    order by post_id, user_id, occurred_at desc, event_id desc, liked desc
    on conflict do nothing
    returning like_state as state
  )
  select coalesce(array_agg(state), '{}') into new_pairs from written;

  -- A statement of its own: its snapshot sees the states that the one before waited for.
  select coalesce(array_agg(locked.state), '{}') into known
  from (
    select s as state
    from (
      select distinct c.post_id, c.user_id
      from unnest(taken) as t
      cross join lateral unnest(t.like_posts, t.like_users) as c (post_id, user_id)
      except
      select post_id, user_id from unnest(new_pairs)
    ) as pair
    join like_state s on s.post_id = pair.post_id and s.user_id = pair.user_id
    order by s.post_id, s.user_id
    for update of s
  ) as locked;

  -- What stands takes its place among the changes by its stamp: no join, which would have to be planned for any number.
  with change as (
    select
      c.post_id, c.user_id, to_timestamp(c.milliseconds / 1000.0::float8) as occurred_at, c.event_id, false as stands,
      c.liked, c.milliseconds, c.event_type, c.subject, c.component_id, c.keyword
    from unnest(taken) as t
    cross join lateral unnest(
      t.like_types, t.like_states, t.like_users, t.like_posts, t.like_times, t.like_ids, t.like_subjects,
      t.like_components, t.like_keywords
    ) as c (event_type, liked, user_id, post_id, milliseconds, event_id, subject, component_id, keyword)
    union all
    select post_id, user_id, occurred_at, event_id, true, liked, null, null, null, null, null from unnest(known)
  ),
  placed as (
    select *, bool_or(stands) over (partition by post_id, user_id) as is_known, bool_or(stands) over stamps as is_later
    from change
    window stamps as (
      partition by post_id, user_id order by occurred_at, event_id, stands, liked rows unbounded preceding
    )
  ),
  ordered as (
    select *,
      not stands and liked is distinct from lag(liked, 1, false) over (
        partition by post_id, user_id order by occurred_at, event_id, stands, liked
      ) as took_effect
    from placed
    where is_later or not is_known
  ),
  updated as (
    update like_state s
    set liked = last.liked, occurred_at = last.occurred_at, event_id = last.event_id
    from (
      select distinct on (post_id, user_id) post_id, user_id, liked, occurred_at, event_id
      from ordered
      where is_known and not stands
      order by post_id, user_id, occurred_at desc, event_id desc, liked desc
    ) as last
    where s.post_id = last.post_id and s.user_id = last.user_id
  )
  select coalesce(array_agg(
    ((milliseconds / 60000)::integer, event_type, component_id, post_id, subject, keyword,
      1, case when liked then 1 else -1 end)::folded_count
  ), '{}') into effective
  from ordered
  where took_effect;
  return effective;
end
$$;

-- Adds up what commits appended to the shards, oldest first. One statement, so that no process can be stopped within it.
-- A row is deleted in the transaction that adds it, so it counts once, whoever folds it and however often: the locks are
-- for speed alone. Tables are written in one order, and rows in the order in which workers of the release before this one
-- write them, beside which folds run during an upgrade.
--
-- rows_max, changes_max: of pending_change, taken at most; at least one row is
-- every_ms: a shard that was folded less long ago is left
-- only_change: null, or the one row that is taken, whatever its shard's others
--
-- Answers JSON: {"shards": folded, "changes": taken, "more": a limit was reached, "held": a shard was left to another fold,
--   or for later, "debt": id or null, "counts": [[grain, bucket in ms, event_type, [subjects], [absolute counts]], …] by
--   minute and hour, "recent": [[user_id, keyword, ms], …]}
create function fold(
  of_shards smallint[], versions smallint[], rows_max integer, changes_max integer, every_ms integer, only_change bigint
) returns json language plpgsql
-- Planned once, on whatever the table holds then: statistics of a queue say nothing.
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  -- Hours before this are in no view.
  oldest_shown timestamptz := now() - interval '27 hours';
  of_shard smallint;
  mine smallint[] := '{}';
  horizon xid8;
  taken pending_change[];
  counted folded_count[];
  changes bigint;
  shown_counts json;
  touched_hours timestamptz[];
  debt bigint;
begin
  -- Each in a statement of its own: the snapshots below are taken once the locks are held.
  foreach of_shard in array of_shards loop
    if pg_try_advisory_xact_lock(hashtext('event_tracker.fold'), of_shard) then
      mine := mine || of_shard;
    end if;
  end loop;
  -- A time that lies ahead is that of a clock which was set back.
  select coalesce(array_agg(shard order by shard), '{}') into mine
  from fold_shard
  where shard = any(mine)
    and not folded_at between clock_timestamp() - every_ms * interval '1 millisecond' and clock_timestamp();

  -- Transactions below this are over: what they appended can be seen from here on.
  horizon := pg_snapshot_xmin(pg_current_snapshot());

  -- Not `skip locked`: what another fold of the shard holds is waited for, so that `low_xid` never passes it.
  with oldest as materialized (
    select c.place, sum(c.size) over (order by c.xid, c.change_id) - c.size as before
    from fold_shard f
    cross join lateral (
      select p.ctid as place, p.xid, p.change_id, p.size
      from pending_change p
      where p.shard = f.shard and p.xid >= f.low_xid and p.version = any(versions)
        and (only_change is null or p.change_id = only_change)
      order by p.xid, p.change_id
      limit rows_max
    ) as c
    where f.shard = any(mine)
    order by c.xid, c.change_id
    limit rows_max
  ),
  deleted as (
    delete from pending_change p
    where p.ctid = any(array(select place from oldest where before < changes_max))
    returning p as row
  )
  select coalesce(array_agg(row), '{}') into taken from deleted;

  if cardinality(taken) > 0 then
    if exists (select from unnest(taken) as t where t.like_times is not null) then
      counted := fold_likes(taken);
    end if;
    select coalesce(array_agg((
      minute, event_type, component_id, post_id, subject, keyword, change, likes)::folded_count
      order by minute, array_position(array['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE'], event_type),
        component_id::text collate "C", coalesce(post_id::text, '') collate "C", coalesce(keyword, '') collate "C"), '{}')
    into counted
    from (
      select
        minute, event_type, component_id, post_id, subject, keyword, sum(change)::bigint as change,
        sum(likes)::integer as likes
      from (
        select c.minute, c.event_type, c.component_id, c.post_id, c.subject, c.keyword, c.change, 0 as likes
        from unnest(taken) as t
        cross join lateral unnest(
          t.count_minutes, t.count_types, t.count_components, t.count_posts, t.count_subjects, t.count_keywords,
          t.count_values
        ) as c (minute, event_type, component_id, post_id, subject, keyword, change)
        union all
        select * from unnest(counted)
      ) as each_change
      group by minute, event_type, component_id, post_id, subject, keyword
    ) as summed;

    insert into statistic (minute, event_type, component_id, keyword, post_id, count)
    select to_timestamp(minute * 60::float8), event_type, component_id, keyword, post_id, change
    from unnest(counted)
    on conflict (minute, event_type, component_id, keyword, post_id) do update
    set count = statistic.count + excluded.count;

    with of_minute as materialized (
      select minute, event_type, subject, sum(change)::bigint as change from unnest(counted) group by 1, 2, 3
    ),
    added as (
      insert into subject_count (grain, bucket, event_type, subject, count)
      select grain, to_timestamp(bucket * 60::float8), event_type, subject, sum(change)
      from of_minute
      cross join lateral (
        values ('day', minute / 1440 * 1440), ('hour', minute / 60 * 60), ('minute', minute)
      ) as level (grain, bucket)
      group by grain, bucket, event_type, subject
      order by grain collate "C", bucket,
        array_position(array['CLICK', 'PAGE_VIEW', 'SEARCH', 'LIKE', 'UNLIKE'], event_type), subject collate "C"
      on conflict (grain, bucket, event_type, subject) do update
      set count = subject_count.count + excluded.count
      returning grain, bucket, event_type, subject, count
    ),
    of_bucket as (
      select grain, bucket, event_type, json_agg(subject) as subjects, json_agg(count) as counts
      from added
      where grain <> 'day' and bucket >= oldest_shown
      group by grain, bucket, event_type
    )
    select
      coalesce(json_agg(json_build_array(
        grain, (extract(epoch from bucket) * 1000)::bigint, event_type, subjects, counts)), '[]'),
      coalesce(array_agg(distinct date_trunc('hour', bucket, 'UTC')), '{}')
    into shown_counts, touched_hours
    from of_bucket;

    insert into like_count (post_id, likes)
    select post_id, sum(likes) from unnest(counted) group by post_id having sum(likes) <> 0 order by post_id
    on conflict (post_id) do update set likes = like_count.likes + excluded.likes;

    select coalesce(array_agg(distinct hour), '{}') into touched_hours
    from (
      select unnest(touched_hours)
      union all
      select date_trunc('hour', to_timestamp(at / 1000.0::float8), 'UTC')
      from unnest(taken) as t cross join lateral unnest(t.recent_times) as at
    ) as touched (hour);
    if cardinality(touched_hours) > 0 then
      -- Its age counts from here: a fold that took long is not overdue the moment it is done.
      insert into view_debt (from_minute, to_minute, created_at, hours, xids)
      select
        min(hour), max(hour) + interval '59 minutes', clock_timestamp(), array_agg(hour),
        (select array_agg(distinct t.xid) from unnest(taken) as t)
      from unnest(touched_hours) as hour
      returning debt_id into debt;
    end if;
  end if;

  -- Shards of which nothing was taken are left as they are: what comes next there is added up at once.
  if only_change is null then
    update fold_shard f
    set folded_at = clock_timestamp(),
      low_xid = greatest(f.low_xid, least(horizon, (
        select p.xid from pending_change p where p.shard = f.shard and p.xid >= f.low_xid order by p.xid limit 1)))
    where f.shard = any(array(select distinct t.shard from unnest(taken) as t));
  end if;

  select coalesce(sum(t.size), 0) into changes from unnest(taken) as t;
  return json_build_object(
    'shards', mine,
    'held', cardinality(mine) < cardinality(of_shards),
    'changes', changes,
    'more', changes >= changes_max or cardinality(taken) >= rows_max,
    'debt', debt,
    'counts', coalesce(shown_counts, '[]'),
    'recent', (
      select coalesce(json_agg(json_build_array(user_id, keyword, at)), '[]')
      from unnest(taken) as t
      cross join lateral unnest(t.recent_users, t.recent_keywords, t.recent_times) as r (user_id, keyword, at)
    )
  );
end
$$;

-- Enters commits in the books once all that they changed was added up and is in the views: until then their events are in
-- flight. Views that cannot be reached are not waited for: a debt that is older than 2 s is paid by another worker, or by
-- the next one that reaches them.
--
-- merged: view debts whose hours are in the views: they go
--
-- Answers JSON: {"entries": taken, "left": some wait still, "shown": [[first_received_at in ms, events], …]}
create function fold_entries(versions smallint[], rows_max integer, merged bigint[]) returns json language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  -- A variable, so that the index serves: the clock itself changes from row to row.
  youngest_overdue timestamptz := clock_timestamp() - interval '2 seconds';
  horizon xid8;
  taken pending_entry[];
begin
  delete from view_debt where debt_id = any(merged);
  -- Waited for: who holds it may not see the debts that are gone now.
  perform pg_advisory_xact_lock(hashtext('event_tracker.fold_entries'));
  horizon := pg_snapshot_xmin(pg_current_snapshot());

  with unshown as materialized (
    select distinct xid
    from view_debt cross join lateral unnest(xids) as xid
    where created_at > youngest_overdue
  ),
  ready as materialized (
    select p.ctid as place
    from fold_books b
    cross join lateral (
      select p.ctid, p.xid, p.entry_id
      from pending_entry p
      where p.xid >= b.low_xid and p.version = any(versions)
        and not exists (select from unshown where unshown.xid = p.xid)
        and not exists (
          select from fold_shard f
          where exists (select from pending_change c where c.shard = f.shard and c.xid = p.xid)
        )
      order by p.xid, p.entry_id
      limit rows_max
    ) as p
  ),
  deleted as (
    delete from pending_entry p where p.ctid = any(array(select place from ready)) returning p as row
  )
  select coalesce(array_agg(row), '{}') into taken from deleted;

  insert into event_hour (hour, stored)
  select hour, sum(stored) from unnest(taken) where stored > 0 group by hour order by hour
  on conflict (hour) do update set stored = event_hour.stored + excluded.stored;

  insert into producer (producer_id, acknowledged, received, stored, duplicate, dead)
  select producer_id, max(acknowledged), sum(received), sum(stored), sum(duplicate), sum(dead)
  from unnest(taken)
  group by producer_id
  order by producer_id
  on conflict (producer_id) do update set
    acknowledged = greatest(producer.acknowledged, excluded.acknowledged),
    received = producer.received + excluded.received,
    stored = producer.stored + excluded.stored,
    duplicate = producer.duplicate + excluded.duplicate,
    dead = producer.dead + excluded.dead,
    seen_at = now();

  update fold_books b
  set folded_at = clock_timestamp(), low_xid = greatest(b.low_xid, least(horizon, (
    select p.xid from pending_entry p where p.xid >= b.low_xid order by p.xid limit 1)))
  where cardinality(taken) > 0;

  return json_build_object(
    'entries', cardinality(taken),
    'left', exists (
      select from fold_books b
      where exists (select from pending_entry p where p.xid >= b.low_xid and p.version = any(versions))
    ),
    'shown', (
      select coalesce(json_agg(json_build_array((extract(epoch from first_received_at) * 1000)::bigint, stored)), '[]')
      from unnest(taken)
      where stored > 0
    )
  );
end
$$;

-- What waits to be added up: a row a shard that anything waits in, and one of the books, whose `shard` is null. Ages in
-- milliseconds; `stalled_ms` since the last fold that took anything of it, or since something waits. A function for the sake of its settings: planned once, over an empty queue, it serves a full one.
--
-- versions: that are known; rows of others are counted apart
-- thoroughly: rows below the low marks are looked for, too; `below` says that there are some
create function pending_work(versions smallint[], thoroughly boolean)
returns table (
  shard smallint, rows bigint, changes bigint, oldest_ms float8, stalled_ms float8, unknown bigint, below boolean
)
language sql volatile
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
-- A process that is started for a look costs a hundred times the look.
set max_parallel_workers_per_gather = 0 set jit = off
as $$
  select
    shard, sum(known_rows)::bigint as rows, sum(size)::bigint as changes, greatest(max(age_ms), 0) as oldest_ms,
    greatest(max(stalled_ms), 0) as stalled_ms,
    sum(unknown_rows)::bigint as unknown, bool_or(lies_below) as below
  from (
    select
      f.shard, known::integer as known_rows, case when known then size else 0 end as size, (not known)::integer as unknown_rows,
      case when known then (extract(epoch from clock_timestamp() - appended_at) * 1000)::float8 end as age_ms,
      case when known then (extract(epoch from clock_timestamp() - greatest(appended_at, f.folded_at)) * 1000)::float8 end
        as stalled_ms,
      p.xid < f.low_xid as lies_below
    from fold_shard f
    cross join lateral (
      select xid, size, appended_at, version = any(versions) as known
      from pending_change c
      where c.shard = f.shard and c.xid >= case when thoroughly then '0'::xid8 else f.low_xid end
    ) as p
    union all
    select
      null, known::integer, 0, (not known)::integer,
      case when known then (extract(epoch from clock_timestamp() - appended_at) * 1000)::float8 end,
      case when known then (extract(epoch from clock_timestamp() - greatest(appended_at, b.folded_at)) * 1000)::float8 end,
      p.xid < b.low_xid
    from fold_books b
    cross join lateral (
      select xid, appended_at, version = any(versions) as known
      from pending_entry e
      where e.xid >= case when thoroughly then '0'::xid8 else b.low_xid end
    ) as p
  ) as waiting
  group by shard
$$;

-- What waits to be added up, at a cost that does not grow with it by more than a number a commit. `events` are those of commits
-- that are not in the books; `oldest_seconds` is the age of the oldest row that a fold would take, 0 without any.
--
-- versions: that are known; rows of others have no age, nor have commits that wait for them
create function fold_backlog(versions smallint[]) returns table (events bigint, oldest_seconds float8)
language sql volatile
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set max_parallel_workers_per_gather = 0 set jit = off
as $$
  select
    (
      select coalesce(sum(entry.received), 0)::bigint
      from fold_books b
      cross join lateral (select received from pending_entry e where e.xid >= b.low_xid) as entry
    ),
    coalesce(greatest(extract(epoch from clock_timestamp() - least(
      (
        select min(oldest.appended_at)
        from fold_shard f
        cross join lateral (
          select appended_at
          from pending_change c
          where c.shard = f.shard and c.xid >= f.low_xid and c.version = any(versions)
          order by c.xid, c.change_id
          limit 1
        ) as oldest
      ),
      (
        select oldest.appended_at
        from fold_books b
        cross join lateral (
          select e.xid, e.appended_at from pending_entry e where e.xid >= b.low_xid order by e.xid, e.entry_id limit 1
        ) as oldest
        where not exists (
          select from fold_shard f
          where exists (select from pending_change c where c.shard = f.shard and c.xid = oldest.xid)
        )
      )
    )), 0), 0)::float8
$$;

-- The spans of `event` whose rows are not known to be as many as were stored: of each day that it has a partition of, what
-- was not counted yet. A day is open as a whole while a worker of the release before this one may have stored late events in it.
create view open_span as
select day, begins, ends, difference
from (
  select
    partition.day,
    case when event_check.late_commits >= coalesce(event_day.late_commits, 0) then event_check.until
      else partition.day::timestamp at time zone 'UTC' end as begins,
    (partition.day + 1)::timestamp at time zone 'UTC' as ends,
    case when event_check.late_commits >= coalesce(event_day.late_commits, 0) then 0
      else coalesce(event_check.difference, 0) end as difference
  from (
    select partition_day(partition.relname::text) as day
    from pg_inherits
    join pg_class as partition on partition.oid = inhrelid
    where inhparent = 'event'::regclass and not inhdetachpending
  ) as partition
  left join event_check on event_check.day = partition.day
  left join event_day on event_day.day = partition.day
) as span
where begins < ends;

comment on column open_span.difference is 'of an earlier count that this span''s count replaces';

-- Drops a partition that is detached, and so written to by nobody. The events that go are counted in the transaction in
-- which they go: the books balance before it and after it. It is left while what was stored in it waits to be added up.
create or replace function drop_partition(parent text, of_day date) returns void language plpgsql as $$
declare
  name text := format('%s_%s', parent, to_char(of_day, 'YYYYMMDD'));
  begins timestamptz := of_day::timestamp at time zone 'UTC';
  ends timestamptz := (of_day + 1)::timestamp at time zone 'UTC';
  gone bigint;
  entered bigint;
begin
  perform pg_advisory_xact_lock(hashtext('event_tracker.' || name));
  if to_regclass(name) is null then
    return;
  end if;
  if parent = 'event' then
    if exists (select from pending_entry where hour >= begins and hour < ends) then
      return;
    end if;
    execute format('select count(*) from %I', name) into gone;
    with moved as (
      delete from event_hour where hour >= begins and hour < ends returning stored
    )
    select coalesce(sum(stored), 0) into entered from moved;
    insert into event_hour (hour, stored) values ('-infinity', entered)
    on conflict (hour) do update set stored = event_hour.stored + excluded.stored;
    delete from event_check where day = of_day;
    insert into event_check (day, until, difference) values ('-infinity', '-infinity', gone - entered)
    on conflict (day) do update set difference = event_check.difference + excluded.difference;
    -- For processes of the release before this one.
    insert into event_day as kept (day, dropped) values (of_day, gone)
    on conflict (day) do update set dropped = kept.dropped + excluded.dropped, rows = null;
  end if;
  execute format('drop table %I', name);
end
$$;
