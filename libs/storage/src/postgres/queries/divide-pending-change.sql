-- Divides a row into rows of one change each, in its place. $1 change_id. Comes back: nothing
with divided as (
  delete from pending_change where change_id = $1 returning *
),
counts as (
  insert into pending_change (
    xid, appended_at, size, shard, version,
    count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values
  )
  select
    xid, appended_at, 1, shard, version,
    array[minute], array[type], array[subject], array[component], array[keyword], array[post], array[value]
  from divided
  cross join lateral unnest(
    count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values
  ) as c (minute, type, subject, component, keyword, post, value)
),
likes as (
  insert into pending_change (
    xid, appended_at, size, shard, version,
    like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords
  )
  select
    xid, appended_at, 1, shard, version,
    array[type], array[state], array[user_id], array[post], array[at], array[id], array[subject], array[component],
    array[keyword]
  from divided
  cross join lateral unnest(
    like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords
  ) as c (type, state, user_id, post, at, id, subject, component, keyword)
)
insert into pending_change (xid, appended_at, size, shard, version, recent_users, recent_keywords, recent_times)
select xid, appended_at, 1, shard, version, array[user_id], array[keyword], array[at]
from divided
cross join lateral unnest(recent_users, recent_keywords, recent_times) as c (user_id, keyword, at)
