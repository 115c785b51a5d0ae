-- ARGV: an endpoint that is gone, how many. Gives up what waits for it; says whether there may be more.
local found = call('ZRANGE', P .. 'due:' .. ARGV[1], 0, ARGV[2] - 1)
for _, member in ipairs(found) do
  local d = get(string.sub(member, 25))
  d.state, d.due, d.otherwise, d.again = DEAD, nil, '', false
  save(d)
end
local more = call('EXISTS', P .. 'due:' .. ARGV[1])
if more == 0 then call('SREM', P .. 'left', ARGV[1]) end
return more
