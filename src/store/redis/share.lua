-- ARGV: the group, who this is, what the group wants, for how long, and enter, take, done, stay or leave; then
-- enter   where to begin
-- take    the place known, the place to go on to, and what the group wants between the two
-- done    what came to an end
-- stay    how many more there is room for
-- Fields of a group: at, wants, n:<node> is until when the node takes part, h:<place> is the node that has it.
local name, by, wants, lasting, how = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local key = P .. 'group:' .. name
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = call('HMGET', key, 'at', 'wants')
local at = known[1]
local is_same = at and known[2] == wants

if how == 'take' then
  if not is_same then return { 'lost' } end
  local after, upto = ARGV[6], ARGV[7]
  -- Whoever did not hear the answer is behind, too: what it has it hears of when it stays.
  if at ~= after then return { 'behind', at } end
  local has = { 'has', upto }
  call('HSET', key, 'at', upto)
  for i = 8, #ARGV do
    call('HSET', key, 'h:' .. ARGV[i], by)
    has[#has + 1] = ARGV[i]
  end
  return has
end

if how == 'done' then
  for i = 6, #ARGV do
    local field = 'h:' .. ARGV[i]
    if call('HGET', key, field) == by then call('HDEL', key, field) end
  end
  return { 'has', at or '0' }
end

local others, held = {}, {}
local all = call('HGETALL', key)
for i = 1, #all, 2 do
  local kind, rest = all[i]:sub(1, 2), all[i]:sub(3)
  if kind == 'h:' then
    held[#held + 1] = { place = tonumber(rest), by = all[i + 1] }
  elseif kind == 'n:' and rest ~= by then
    if tonumber(all[i + 1]) > now then others[rest] = true else call('HDEL', key, all[i]) end
  end
end
table.sort(held, function(a, b) return a.place < b.place end)

-- Where the group goes on if all of its nodes end now.
local function note()
  local place = held[1] and num(held[1].place - 1) or at
  if call('HGET', P .. 'listeners', name) ~= place then call('HSET', P .. 'listeners', name, place) end
end

local function stay()
  call('HSET', key, 'n:' .. by, num(now + lasting))
  call('EXPIRE', key, 3600)
end

if how == 'enter' then
  if next(others) then
    if not is_same then return { 'differs' } end
    stay()
    return { 'behind', at }
  end
  call('DEL', key)
  call('HSET', key, 'at', ARGV[6], 'wants', wants)
  stay()
  return { 'has', ARGV[6] }
end

if not is_same then return { 'lost' } end
note()
if how == 'leave' then
  call('HDEL', key, 'n:' .. by)
  if not next(others) then call('DEL', key) end
  return { 'has', at }
end
stay()
local has, room = { 'has', at }, tonumber(ARGV[6])
for _, one in ipairs(held) do
  if room > 0 and one.by ~= by and not others[one.by] then
    call('HSET', key, 'h:' .. num(one.place), by)
    one.by = by
    room = room - 1
  end
  if one.by == by then has[#has + 1] = num(one.place) end
end
return has
