-- ARGV: the endpoint to go past, how many. Each with when its next delivery is due.
local past = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local rows = {}
for _, endpoint in ipairs(call('ZRANGE', P .. 'busy', past, '+', 'BYLEX', 'LIMIT', 0, ARGV[2])) do
  local first = call('ZRANGE', P .. 'due:' .. endpoint, 0, 0, 'WITHSCORES')
  if first[2] then rows[#rows + 1] = {endpoint, num(tonumber(first[2]))} end
end
return rows
