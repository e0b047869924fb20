-- Merges absolute counts into buckets. A count only grows, so the greater one is the later one: merging is idempotent,
-- and its order does not matter.
--
-- KEYS 1: the kind's trimmed set; from 2: one bucket each
-- ARGV 1: most members a bucket may have; 2: start in ms of the oldest bucket that is still read;
--      then for each bucket: start in ms, expiry in ms, number of pairs, and so many times count, subject
-- out: number of members that were trimmed

-- Lua's unpack puts its values on a stack of some 8,000.
local argumentsPerCall = 2000
local cap = tonumber(ARGV[1])
local oldest = ARGV[2]
local at = 3
local trimmed = 0

for k = 2, #KEYS do
  local bucket = KEYS[k]
  local start, expiry, last = ARGV[at], ARGV[at + 1], at + 2 + 2 * tonumber(ARGV[at + 2])
  for first = at + 3, last, argumentsPerCall do
    redis.call('ZADD', bucket, 'GT', unpack(ARGV, first, math.min(first + argumentsPerCall - 1, last)))
  end
  at = last + 1
  redis.call('PEXPIREAT', bucket, expiry)
  local over = redis.call('ZCARD', bucket) - cap
  if over > 0 then
    redis.call('ZREMRANGEBYRANK', bucket, 0, over - 1)
    redis.call('ZADD', KEYS[1], start, bucket)
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. oldest)
    trimmed = trimmed + over
  end
end

return trimmed
