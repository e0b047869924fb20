-- Prolongs the freshness of a kind's views, as long as they are whole and were made on this Redis server.
--
-- KEYS 1: complete; 2: lease
-- ARGV 1: run id of this Redis server; 2: life of the lease in ms
-- out: 1 renewed, 0 the views need a full merge

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[2])
  return 0
end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
return 1
