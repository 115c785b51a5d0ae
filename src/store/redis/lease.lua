-- ARGV: whose deliveries, how many, due when, held until when, and how many bytes at most.
local wanted = cjson.decode(ARGV[1])
local due, seen = {}, {}
for _, endpoint in ipairs(wanted.endpoints) do
  if not seen[endpoint] then
    seen[endpoint] = true
    local found = call('ZRANGE', P .. 'due:' .. endpoint, '-inf', num(wanted.now), 'BYSCORE', 'LIMIT', 0, wanted.limit,
      'WITHSCORES')
    for i = 1, #found, 2 do due[#due + 1] = {tonumber(found[i + 1]), found[i]} end
  end
end
table.sort(due, function(a, b) if a[1] ~= b[1] then return a[1] < b[1] end return a[2] < b[2] end)
local rows, bytes = {}, 0
for i = 1, math.min(#due, wanted.limit) do
  local d = get(string.sub(due[i][2], 25))
  local event = call('HMGET', P .. 'e:' .. d.event, 'm', 'z')
  bytes = bytes + tonumber(event[2])
  if i > 1 and bytes > wanted.bytes then break end
  d.fence, d.state, d.due = d.fence + 1, IN_FLIGHT, num(wanted.until_)
  save(d)
  rows[#rows + 1] = {d.id, d.fence, d.event, d.endpoint, d.attempts, d.asked, d.otherwise, event[1],
    call('GET', P .. 'b:' .. d.event)}
end
return rows
