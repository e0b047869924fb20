-- Up Migration

-- Every stored event once. No unique index: what was committed before is known by `batch` and `event_key`.
-- Columns of fixed width stand first, so that no bytes are lost to alignment.
create table event (
  event_id uuid not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  user_id bigint,
  component_id bigint not null,
  post_id bigint,
  event_type text not null,
  session_id text not null,
  element_id text,
  keyword text collate "C",
  properties jsonb
) partition by range (occurred_at);

create index event_occurred_at on event using brin (occurred_at);

-- A user's recent keywords, when Redis can't answer. The only reader of single events by user, hence partial.
create index event_recent_keyword on event (user_id, occurred_at)
  where event_type = 'SEARCH' and user_id is not null;

-- Counts per minute by every field that statistics can be filtered by.
create table statistic (
  minute timestamptz not null,
  component_id bigint not null,
  post_id bigint,
  count bigint not null,
  event_type text not null,
  keyword text collate "C",
  constraint statistic_key unique nulls not distinct (minute, event_type, component_id, keyword, post_id)
) partition by range (minute);

-- Counts that the views show: one row per subject and minute, hour and day. The subject is the member of the view: an
-- id padded to 16 digits, or a keyword. All three levels are added to by the commit itself, so late events are in all.
create table subject_count (
  bucket timestamptz not null,
  count bigint not null,
  grain text not null,
  event_type text not null,
  subject text collate "C" not null,
  primary key (grain, bucket, event_type, subject)
) partition by list (grain);

create table subject_count_minute partition of subject_count for values in ('minute') partition by range (bucket);
create table subject_count_hour partition of subject_count for values in ('hour') with (fillfactor = 80);
create table subject_count_day partition of subject_count for values in ('day') with (fillfactor = 80);

-- The batches that were committed. A row here is what makes a second delivery harmless.
create table batch (
  batch_id uuid primary key,
  committed_at timestamptz not null default now(),
  event_count integer not null
);

-- The ids that clients supplied: idempotency keys. Never holds a server-made id, nor that of a dead event.
create table event_key (
  event_id uuid primary key,
  committed_at timestamptz not null default now()
);

-- Every (user, post) pair that was ever liked or unliked, with the stamp of what set it. Unlikes stay, as tombstones:
-- a like that arrives after the unlike that followed it must lose.
create table like_state (
  occurred_at timestamptz not null,
  event_id uuid not null,
  post_id bigint not null,
  user_id bigint not null,
  liked boolean not null,
  primary key (post_id, user_id)
) with (fillfactor = 80);

create view post_like as
  select user_id, post_id, occurred_at as liked_at from like_state where liked;

-- The books, by the process that made the batches: in events, since the database was made.
create table producer (
  producer_id uuid primary key,
  acknowledged bigint not null,
  received bigint not null,
  stored bigint not null,
  duplicate bigint not null,
  dead bigint not null,
  seen_at timestamptz not null default now()
) with (fillfactor = 50);

-- Minutes whose counts were committed and are not known to be in the views yet. A commit's row is deleted after its
-- merge; one that stays is paid by any worker.
create table view_debt (
  debt_id bigint generated always as identity primary key,
  from_minute timestamptz not null,
  to_minute timestamptz not null,
  created_at timestamptz not null default now()
);

-- Makes the partition of `parent` for one UTC day; does nothing when it is there. Created apart and then attached,
-- because `create table … partition of` waits behind every reader of the parent, and makes those behind it wait.
create function make_partition(parent text, key text, day date) returns void language plpgsql as $$
declare
  name text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
  lower_bound text := quote_literal(format('%s 00:00:00+00', day));
  upper_bound text := quote_literal(format('%s 00:00:00+00', day + 1));
begin
  perform pg_advisory_xact_lock(hashtext('event_tracker.' || name));
  if to_regclass(name) is not null then
    return;
  end if;
  execute format('create table %I (like %I including defaults including constraints)', name, parent);
  if parent <> 'event' then
    execute format('alter table %I set (fillfactor = 80)', name);
  end if;
  execute format(
    'alter table %I add constraint %I check (%I >= %s and %I < %s)',
    name, name || '_range', key, lower_bound, key, upper_bound
  );
  execute format('alter table %I attach partition %I for values from (%s) to (%s)', parent, name, lower_bound, upper_bound);
  execute format('alter table %I drop constraint %I', name, name || '_range');
end
$$;
