-- $1 posts: each with one of 10,000 hashtags, and every tenth with one that is hot
insert into post (post_id, user_id, content, hashtags)
select n, 1 + n % 100000, 'A post of an ordinary length, number ' || n || repeat(' and so on', 20),
  case when n % 10 = 0 then array['tag ' || n % 10000, 'hot'] else array['tag ' || n % 10000] end
from generate_series(1, $1::bigint) as n
