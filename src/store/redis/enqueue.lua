-- ARGV: deliveries of events that are kept; all of them, or none. With 'again' one attempt each of what was sent before.
local asked = cjson.decode(ARGV[1])
local found, app = {}, ''
for _, new in ipairs(asked.deliveries) do
  local event = call('HMGET', P .. 'e:' .. new.event, 'q', 'a')
  if not event[1] then return new.event end
  found[new.event], app = tonumber(event[1]), event[2]
end

-- Asks for one attempt more; what is to happen if it fails is kept.
local function ask(d, due)
  if d.state == IN_FLIGHT then
    d.again = true
  elseif d.state == PENDING and d.otherwise ~= '' then
    return
  else
    if d.state == PENDING then d.otherwise = d.due
    elseif d.state == DELIVERED then d.otherwise = 'v'
    else d.otherwise = 'x' end
    d.state, d.due = PENDING, num(due)
  end
  save(d)
end

local function former(new)
  local ids = call('LRANGE', P .. 'ds:' .. new.event, 0, -1)
  for i = #ids, 1, -1 do
    local d = get(ids[i])
    if d and d.endpoint == new.endpoint then return d end
  end
end

local waits = false
for _, new in ipairs(asked.deliveries) do
  local old = asked.again and former(new)
  if old then
    ask(old, new.due)
  else
    if asked.again then new.held, new.otherwise = nil, 'x' end
    enqueue(new, new.event, found[new.event])
  end
  waits = waits or not new.held
end
if waits then tell(asked.node, 'd', app) end
return false
