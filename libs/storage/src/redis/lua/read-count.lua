-- One subject's count over a window: the sum over its buckets, less that of the buckets that are taken off.
--
-- KEYS 1: what must be there for the views to be good; 2: the kind's trimmed set;
--      then the buckets that are added, then those that are taken off
-- ARGV 1: subject; 2: number of buckets that are added; 3, 4: first and last start in ms of the window's buckets
-- out: {'fresh', count} | {'behind'} | {'trimmed'}: a bucket of the window was cut, a count may be missing

if redis.call('EXISTS', KEYS[1]) == 0 then return { 'behind' } end
if redis.call('ZCOUNT', KEYS[2], ARGV[3], ARGV[4]) > 0 then return { 'trimmed' } end

local subject, added = ARGV[1], tonumber(ARGV[2])
local count = 0
for k = 3, #KEYS do
  local score = redis.call('ZSCORE', KEYS[k], subject)
  if score then
    if k - 2 <= added then count = count + tonumber(score) else count = count - tonumber(score) end
  end
end

return { 'fresh', count }
