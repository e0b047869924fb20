-- Keeps a value for a while, unless the cache is full of others.
-- KEYS[1] the value's key; KEYS[2] sorted set of the keys of all values by when they end
-- ARGV[1] value; ARGV[2] its life; ARGV[3] now; ARGV[4] when it ends; ARGV[5] values at most; ARGV[6] the longest life:
-- all times in milliseconds
-- 1: kept; 0: full
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])
local isNew = not redis.call('ZSCORE', KEYS[2], KEYS[1])
if isNew and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 1
