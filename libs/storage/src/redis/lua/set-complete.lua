-- Declares the views of a kind whole, unless they were deleted while the full merge ran.
--
-- KEYS 1: token; 2: complete
-- ARGV 1: the token that the full merge wrote before it began; 2: run id of this Redis server
-- out: 1 done, 0 the token no longer stands

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
