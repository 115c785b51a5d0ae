-- ARGV: what must still be so, what is to be done then, and the values that both name by their number.
-- Gives back 0, or the number of the first thing that is not so.
local plan = cjson.decode(ARGV[1])
for i, check in ipairs(plan.checks) do
  local found
  if check.field then found = call('HGET', P .. check.key, check.field) else found = call('GET', P .. check.key) end
  local wanted = check.value and ARGV[1 + check.value] or false
  if found ~= wanted then return i end
end
for _, command in ipairs(plan.commands) do
  local words = {command.verb, P .. command.key}
  for _, value in ipairs(command.values) do words[#words + 1] = ARGV[1 + value] end
  call(unpack(words))
end
return 0
