-- Sends the bodies of a file in turn, as fast as the answers come, or at a rate; ends with one line of JSON.
-- Arguments: the file (each body: its length in bytes, a line feed, the body) or `-` for GETs without any, content type,
-- content encoding or `identity`, requests a second or 0

local ffi = require('ffi')
ffi.cdef [[
  typedef struct { long seconds; int32_t microseconds; int32_t rest; } wall_time;
  int gettimeofday(wall_time *at, void *zone);
]]

local requests, sent = {}, 0

local function readRequests(path, headers)
  local file = assert(io.open(path, 'rb'))
  for length in function() return file:read('*n', 1) end do
    table.insert(requests, wrk.format('POST', nil, headers, file:read(length)))
  end
  file:close()
end

-- Sending has a schedule of its own, whatever the answers do: what fell behind while all connections waited is made
-- up for. wrk keeps time in milliseconds, so those of one millisecond go together.
local function paced(rate)
  local at, due = ffi.new('wall_time'), nil
  return function()
    ffi.C.gettimeofday(at, nil)
    local now = tonumber(at.seconds) * 1000 + at.microseconds / 1000
    due = (due or now) + 1000 / rate
    return math.max(0, due - now)
  end
end

function init(arguments)
  local headers = { ['content-type'] = arguments[2] }
  if arguments[3] ~= 'identity' then headers['content-encoding'] = arguments[3] end
  if arguments[1] == '-' then requests = { wrk.format('GET') } else readRequests(arguments[1], headers) end
  local rate = tonumber(arguments[4])
  if rate > 0 then delay = paced(rate) end
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
