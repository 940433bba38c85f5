-- Load on etcd's JSON gateway. Environment: OP = put | get | local | range100 | range1000, KEYS, VALUE_BYTES.
package.path = os.getenv("LUA_FOLDER") .. "/?.lua;" .. package.path
local common = require("common")
local operation = os.getenv("OP")
local keys = tonumber(os.getenv("KEYS"))
local value_bytes = tonumber(os.getenv("VALUE_BYTES"))
local headers = { ["Content-Type"] = "application/json" }
local gap = string.rep("#", 24)
local before, after
local encoded, whole = {}, {}

setup, done = common.setup, common.done

local function prepare_keys(path, rest)
  before, after = common.split(wrk.format("POST", path, headers, '{"key":"' .. gap .. '"' .. rest .. "}"), gap)
  for i = 0, keys - 1 do encoded[i] = common.base64(common.key(i)) end
end

-- [prefix, prefix with its last byte increased): what clients send for "everything that begins with prefix".
local function prepare_ranges(count)
  for i = 0, math.floor(keys / count) - 1 do
    local prefix = common.key(i * count):sub(1, count == 1000 and 13 or 14)
    local finish = prefix:sub(1, -2) .. string.char(prefix:byte(-1) + 1)
    local body = '{"key":"' .. common.base64(prefix) .. '","range_end":"' .. common.base64(finish) .. '"}'
    whole[i] = wrk.format("POST", "/v3/kv/range", headers, body)
  end
end

function init(args)
  if operation == "put" then
    prepare_keys("/v3/kv/put", ',"value":"' .. common.base64(common.value(value_bytes)) .. '"')
  elseif operation == "local" then
    prepare_keys("/v3/kv/range", ',"serializable":true')
  elseif operation == "get" then
    prepare_keys("/v3/kv/range", "")
  else
    prepare_ranges(tonumber(operation:sub(6)))
  end
  common.seed()
end

function request()
  if before then return before .. encoded[math.random(0, keys - 1)] .. after end
  return whole[math.random(0, #whole)]
end
