-- Shared by the wrk scripts: base64, keys, values, and the one line of JSON that a run ends in.
-- Keys have 16 bytes, "k/" and 14 digits, so that dropping the last two (three) digits leaves a prefix of
-- exactly 100 (1000) keys.
local common = {}
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

function common.base64(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    local function letter(step)
      local at = math.floor(bits / step) % 64
      return letters:sub(at + 1, at + 1)
    end
    out[#out + 1] = letter(262144) .. letter(4096) .. (b and letter(64) or "=") .. (c and letter(1) or "=")
  end
  return table.concat(out)
end

function common.key(number) return string.format("k/%014d", number) end

function common.value(length) return string.rep("v", length) end

-- The request with a gap where the key goes: only the gap is filled for each request.
function common.split(request, gap)
  local at = request:find(gap, 1, true)
  return request:sub(1, at - 1), request:sub(at + #gap)
end

local threads = 0
function common.setup(thread)
  threads = threads + 1
  thread:set("thread_number", threads)
end

function common.seed()
  math.randomseed(1000 + (thread_number or 0) * 7919 + os.time())
end

function common.done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests":%d,"all_requests":%d,"errors":%d,"per_second":%.1f,'
      .. '"p50_us":%d,"p99_us":%d,"p999_us":%d,"max_us":%d,"bytes":%d}\n',
    summary.requests, summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max, summary.bytes))
end

return common
