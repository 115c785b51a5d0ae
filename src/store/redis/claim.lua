-- ARGV: the name, the session, the node, who that is in words, for how long, and whether to take, keep or leave it.
local key, how = P .. 'claim:' .. ARGV[1], ARGV[6]
local has = call('HMGET', key, 's', 'n', 'w')
local is_free, is_own = not has[1], has[1] == ARGV[2] and (has[2] == ARGV[3] or how == 'take')
if how == 'leave' then
  if is_own then call('DEL', key) end
  return false
end
if not is_free and not is_own then return has[3] end
call('HSET', key, 's', ARGV[2], 'n', ARGV[3], 'w', ARGV[4])
call('PEXPIRE', key, ARGV[5])
return false
