-- Appends what a dead letter of kind `change` holds, to be added up as something new. $1 payloads, JSON texts
insert into pending_change (
  size, shard, version,
  count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values,
  like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords,
  recent_users, recent_keywords, recent_times
)
select
  size, shard, version,
  count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values,
  like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords,
  recent_users, recent_keywords, recent_times
from unnest($1::text[]) as payload
cross join lateral json_populate_record(null::pending_change, payload::json)
