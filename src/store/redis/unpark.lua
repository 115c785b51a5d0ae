-- ARGV: an endpoint, from when on it is parked what is due, when it is due instead, how many at most, this node.
local parked = call('ZRANGEBYSCORE', P .. 'due:' .. ARGV[1], ARGV[2], '+inf', 'LIMIT', 0, ARGV[4])
for _, spot in ipairs(parked) do
  local d = get(string.match(spot, '[^:]*$'))
  if d then
    d.due = ARGV[3]
    save(d)
  end
end
if #parked > 0 then tell(ARGV[5], 'd', '') end
return #parked
