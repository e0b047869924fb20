-- Events of the load scenario's mix, evenly over five minutes.
-- $1 start of the five minutes, $2 number of events
insert into event (
  event_id, occurred_at, received_at, user_id, component_id, post_id, event_type, session_id, element_id, keyword
)
select
  gen_random_uuid(), occurred_at, occurred_at, user_id,
  case when kind < 4 then 1003 when kind < 6 then 1001 when kind < 8 then 1002 else 1000 end,
  case when kind in (0, 1, 2, 3, 6, 7) then post_id end,
  case when kind < 3 then 'LIKE' when kind < 4 then 'UNLIKE' when kind < 6 then 'SEARCH' when kind < 8 then 'CLICK'
    else 'PAGE_VIEW' end,
  (select array_agg(md5('session ' || n)::uuid::text order by n) from generate_series(1, 100) as n)[user_id],
  case when kind < 4 then 'like-button' when kind < 6 then 'search-box' when kind < 8 then 'post-card' end,
  case when kind in (4, 5)
    then (array['고양이', '강아지', '여행', '맛집', '일상', '운동', '독서', '음악', '코딩', '스터디'])[keyword] end
from (
  select
    n % 10 as kind,
    date_trunc('milliseconds', $1::timestamptz + n * (interval '5 minutes' / $2::integer)) as occurred_at,
    1 + floor(random() * 100)::bigint as user_id,
    1 + floor(random() * 1000)::bigint as post_id,
    1 + floor(random() * 10)::integer as keyword
  from generate_series(0, $2::integer - 1) as n
) as made
