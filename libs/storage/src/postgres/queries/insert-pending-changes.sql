-- Appends what is to be added up: one row a shard and package. All arrays have one length; from $3 on each element is the
-- text of an array, or null.
-- $1 shard, $2 size; counts: $3 minutes since the epoch, $4 event_type, $5 subject, $6 component_id, $7 keyword, $8 post_id,
-- $9 count to add; likes: $10 event_type, $11 liked, $12 user_id, $13 post_id, $14 occurred_at in milliseconds since the
-- epoch, $15 event_id, $16 subject, $17 component_id, $18 keyword; latest searches: $19 user_id, $20 keyword, $21 occurred_at;
-- $22 version
insert into pending_change (
  shard, size, version,
  count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values,
  like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords,
  recent_users, recent_keywords, recent_times
)
select
  shard, size, $22::smallint,
  count_minutes::integer[], count_types::text[], count_subjects::text[], count_components::bigint[],
  count_keywords::text[], count_posts::bigint[], count_values::bigint[],
  like_types::text[], like_states::boolean[], like_users::bigint[], like_posts::bigint[], like_times::bigint[],
  like_ids::uuid[], like_subjects::text[], like_components::bigint[], like_keywords::text[],
  recent_users::bigint[], recent_keywords::text[], recent_times::bigint[]
from unnest(
  $1::smallint[], $2::integer[],
  $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
  $19::text[], $20::text[], $21::text[]
) as new (
  shard, size,
  count_minutes, count_types, count_subjects, count_components, count_keywords, count_posts, count_values,
  like_types, like_states, like_users, like_posts, like_times, like_ids, like_subjects, like_components, like_keywords,
  recent_users, recent_keywords, recent_times
)
