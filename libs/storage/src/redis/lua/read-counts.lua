-- Counts of some subjects over a window: the sum over its buckets, less that of the buckets that are taken off.
--
-- KEYS 1: what must be there for the views to be good; 2: the kind's trimmed set;
--      then the buckets that are added, then those that are taken off
-- ARGV 1: number of buckets that are added; 2, 3: first and last start in ms of the window's buckets; from 4: subjects
-- out: {'fresh', count, …} in the order of the subjects | {'behind'} | {'trimmed'}: a bucket of the window was cut, a
--      count may be missing

if redis.call('EXISTS', KEYS[1]) == 0 then return { 'behind' } end
if redis.call('ZCOUNT', KEYS[2], ARGV[2], ARGV[3]) > 0 then return { 'trimmed' } end

local added = tonumber(ARGV[1])
local answer = { 'fresh' }
for s = 4, #ARGV do answer[s - 2] = 0 end
for k = 3, #KEYS do
  local scores = redis.call('ZMSCORE', KEYS[k], unpack(ARGV, 4))
  local sign = (k - 2 <= added) and 1 or -1
  for s = 1, #scores do
    if scores[s] then answer[s + 1] = answer[s + 1] + sign * tonumber(scores[s]) end
  end
end

return answer
