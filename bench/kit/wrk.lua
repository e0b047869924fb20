-- Sends the requests of a file in turn, as fast as the answers come, or at a rate; ends with one line of JSON.
-- Arguments: the file or `-` for GETs of the URL, content type, content encoding or `identity`, requests a second or 0
-- The file: for each request a line with its method, its path (`-`: that of the URL) and the length of its body in bytes,
-- then the body

local ffi = require('ffi')
ffi.cdef [[
  typedef struct { long seconds; int32_t microseconds; int32_t rest; } wall_time;
  int gettimeofday(wall_time *at, void *zone);
]]

local requests, sent = {}, 0

local function readRequests(file, headers)
  file = assert(io.open(file, 'rb'))
  for line in function() return file:read('*l') end do
    local method, path, length = line:match('^(%S+) (%S+) (%d+)$')
    length = tonumber(length)
    local body = length > 0 and file:read(length) or nil
    table.insert(requests, wrk.format(method, path ~= '-' and path or nil, body and headers or nil, body))
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
