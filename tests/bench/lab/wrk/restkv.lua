-- Load on RestKv's native API. Environment: OP = put | get | local | range100 | range1000, KEYS, VALUE_BYTES.
package.path = os.getenv("LUA_FOLDER") .. "/?.lua;" .. package.path
local common = require("common")
local operation = os.getenv("OP")
local keys = tonumber(os.getenv("KEYS"))
local value_bytes = tonumber(os.getenv("VALUE_BYTES"))
local gap = string.rep("9", 14)
local before, after
local whole = {}

setup, done = common.setup, common.done

local function prepare_ranges(count)
  for i = 0, math.floor(keys / count) - 1 do
    local prefix = common.key(i * count):sub(1, count == 1000 and 13 or 14)
    whole[i] = wrk.format("GET", "/v1/kv?prefix=" .. prefix .. "&limit=" .. count)
  end
end

function init(args)
  if operation == "put" then
    local headers = { ["Content-Type"] = "application/octet-stream" }
    before, after = common.split(wrk.format("PUT", "/v1/kv/k/" .. gap, headers, common.value(value_bytes)), gap)
  elseif operation == "local" then
    before, after = common.split(wrk.format("GET", "/v1/kv/k/" .. gap .. "?consistency=local"), gap)
  elseif operation == "get" then
    before, after = common.split(wrk.format("GET", "/v1/kv/k/" .. gap), gap)
  else
    prepare_ranges(tonumber(operation:sub(6)))
  end
  common.seed()
end

function request()
  if before then return before .. string.format("%014d", math.random(0, keys - 1)) .. after end
  return whole[math.random(0, #whole)]
end
