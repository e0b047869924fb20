-- Appends a change with nothing wrong in it, of the kind, type and minute of the oldest that a fold of the shard would take;
-- of any type, and of now, where those can't be read. Its user, post, component and keyword are nobody's, so that it meets no
-- row that is locked or broken.
-- $1 shard, $2 versions. Comes back: its change_id; nothing when nothing waits
with oldest as (
  select p.*
  from fold_shard f
  join pending_change p on p.shard = f.shard and p.xid >= f.low_xid
  where f.shard = $1 and p.version = any($2::smallint[])
  order by p.xid, p.change_id
  limit 1
),
sound as (
  select
    array['probe ' || gen_random_uuid()] as text, array[(random() * 281474976710655)::bigint] as number, array[1::bigint] as one,
    array[gen_random_uuid()] as id, (extract(epoch from now()) * 1000)::bigint as now
)
insert into pending_change (
  size, shard, version,
  count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values,
  like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords,
  recent_users, recent_keywords, recent_times
)
select
  1, shard, version,
  case when has_count.one is not null then array[coalesce(count_minutes[1], (has_count.now / 60000)::integer)] end,
  case when has_count.one is not null then array[coalesce(count_types[1], 'CLICK')] end,
  has_count.text, has_count.number, has_count.text, has_count.number, has_count.one,
  case when has_like.one is not null then array[coalesce(like_types[1], 'LIKE')] end,
  case when has_like.one is not null then array[coalesce(like_states[1], true)] end,
  has_like.number, has_like.number,
  case when has_like.one is not null then array[coalesce(like_times[1], has_like.now)] end,
  has_like.id, has_like.text,
  has_like.number, has_like.text,
  has_recent.number, has_recent.text,
  case when has_recent.one is not null then array[coalesce(recent_times[1], has_recent.now)] end
from oldest
left join sound as has_count on count_minutes is not null
left join sound as has_like on like_times is not null
left join sound as has_recent on recent_times is not null
returning change_id as id
