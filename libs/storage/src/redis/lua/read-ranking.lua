-- The subjects with the highest counts over a window: a union of its buckets, less those that are taken off.
--
-- KEYS 1: what must be there for the views to be good; 2: the kind's trimmed set;
--      then the buckets that are added, then those that are taken off
-- ARGV 1: number of buckets that are added; 2, 3: first and last start in ms of the window's buckets; 4: limit;
--      5: order among equal counts, 'ascending' or 'descending' by subject
-- out: {'fresh', subject, count, subject, count, …}, counts above zero only | {'behind'} | {'trimmed'}

if redis.call('EXISTS', KEYS[1]) == 0 then return { 'behind' } end
if redis.call('ZCOUNT', KEYS[2], ARGV[2], ARGV[3]) > 0 then return { 'trimmed' } end

local added, limit, ascending = tonumber(ARGV[1]), tonumber(ARGV[4]), ARGV[5] == 'ascending'
-- A union comes sorted by score, then by member, both ascending. Negated scores put the highest count first with its
-- ties ascending; plain ones put it last with its ties, read backwards, descending.
local sign = ascending and -1 or 1
local union = { 'ZUNION', #KEYS - 2 }
for k = 3, #KEYS do union[#union + 1] = KEYS[k] end
union[#union + 1] = 'WEIGHTS'
for k = 3, #KEYS do union[#union + 1] = (k - 2 <= added) and sign or -sign end
union[#union + 1] = 'WITHSCORES'
local members = redis.call(unpack(union))

local answer = { 'fresh' }
local from, to, step = 1, #members - 1, 2
if not ascending then from, to, step = #members - 1, 1, -2 end
for at = from, to, step do
  local count = sign * tonumber(members[at + 1])
  if count <= 0 or #answer > 2 * limit then break end
  answer[#answer + 1] = members[at]
  answer[#answer + 1] = count
end

return answer
