-- ARGV: events to remove, with all that belongs to them. Says how many there were.
local removed = 0
for _, event in ipairs(ARGV) do
  local v = call('HMGET', P .. 'e:' .. event, 'q', 'a', 't', 'u', 'z')
  if v[1] then
    removed = removed + 1
    for _, id in ipairs(call('LRANGE', P .. 'ds:' .. event, 0, -1)) do
      local d = get(id)
      if d and d.due then undue(d) end
      call('DEL', P .. 'd:' .. id)
    end
    for _, line in ipairs(call('LRANGE', P .. 'ats:' .. event, 0, -1)) do
      local attempt, endpoint = string.match(line, '^(%S+) %S+ (%S+)')
      call('DEL', P .. 't:' .. attempt)
      call('ZREM', P .. 'ae:' .. endpoint, attempt .. ' ' .. event)
      call('ZREM', P .. 'af:' .. endpoint, attempt .. ' ' .. event)
    end
    for _, index in ipairs({'all', 'type:' .. v[3], 'is:open', 'is:dead', 'is:invalid', 'until'}) do
      call('ZREM', P .. index, event)
    end
    call('XDEL', P .. 'log:' .. v[2], v[1] .. '-0')
    if call('XLEN', P .. 'log:' .. v[2]) == 0 then call('DEL', P .. 'log:' .. v[2]) end
    if v[4] then call('HDEL', P .. 'uid:' .. v[2], v[4]) end
    call('DECRBY', P .. 'bytes', v[5])
    call('DEL', P .. 'e:' .. event, P .. 'b:' .. event, P .. 'ds:' .. event, P .. 'ats:' .. event)
  end
end
-- Seconds whose events are gone find nothing any more; the one before the oldest event is still needed.
local oldest = call('ZRANGE', P .. 'all', 0, 0, 'WITHSCORES')[2]
local seconds = call('ZRANGE', P .. 'time', 0, 1)
while oldest and seconds[2] and tonumber(seconds[2]) <= tonumber(oldest) do
  call('ZREM', P .. 'time', seconds[1])
  seconds = call('ZRANGE', P .. 'time', 0, 1)
end
return removed
