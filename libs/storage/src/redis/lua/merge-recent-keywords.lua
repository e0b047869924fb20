-- Merges searches into users' recent keywords: the latest time of each keyword, the latest keywords of each user.
--
-- KEYS: one list a user
-- ARGV 1: most keywords a user keeps; 2: how long a keyword is remembered, in ms;
--      then for each list: number of pairs, and so many times time in ms, keyword

local limit, life = tonumber(ARGV[1]), tonumber(ARGV[2])
local at = 3

for _, list in ipairs(KEYS) do
  local last = at + 2 * tonumber(ARGV[at])
  for pair = at + 1, last, 2 do
    redis.call('ZADD', list, 'GT', ARGV[pair], ARGV[pair + 1])
  end
  at = last + 1
  redis.call('ZREMRANGEBYRANK', list, 0, -limit - 1)
  local newest = redis.call('ZRANGE', list, -1, -1, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', list, string.format('%.0f', tonumber(newest) + life))
end
