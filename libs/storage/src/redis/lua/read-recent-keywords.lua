-- A user's recent keywords, latest first.
--
-- KEYS 1: what must be there for the views to be good; 2: the user's list
-- ARGV 1: the time in ms after which a search must lie; 2: limit
-- out: {'fresh', keyword, …} | {'behind'}

if redis.call('EXISTS', KEYS[1]) == 0 then return { 'behind' } end
local keywords = redis.call('ZRANGE', KEYS[2], '+inf', '(' .. ARGV[1], 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[2])
return { 'fresh', unpack(keywords) }
