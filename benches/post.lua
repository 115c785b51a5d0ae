-- wrk: POST of SIZE bytes of JSON; the last line is for machines.
local size = tonumber(os.getenv("SIZE"))
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"type":"order.created","data":{"pad":"' .. string.rep("x", size - 43) .. '"}}'
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %.1f %d %d %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(50),
    latency:percentile(99), errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
