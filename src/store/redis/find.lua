-- ARGV: where to walk, in which direction, how far at most, and what fits. Gives back how far it came, whether that is
-- the end, and what it found. A walk is cut after so many looks, so that nobody waits for it.
local q = cjson.decode(ARGV[1])

local function walk()
  local ids, seqs = {}, {}
  local first, last = num(q.from), num(q.to)
  if q.rev then first, last = last, first end
  if q.log then
    local found = call(q.rev and 'XREVRANGE' or 'XRANGE', P .. 'log:' .. q.log, first .. '-0', last .. '-0', 'COUNT', q.looks)
    for i, entry in ipairs(found) do ids[i], seqs[i] = entry[2][2], string.match(entry[1], '^%d+') end
  else
    local ask = {'ZRANGE', P .. q.key, first, last, 'BYSCORE'}
    if q.rev then ask[#ask + 1] = 'REV' end
    for _, word in ipairs({'LIMIT', 0, q.looks, 'WITHSCORES'}) do ask[#ask + 1] = word end
    local found = call(unpack(ask))
    for i = 1, #found, 2 do ids[#ids + 1], seqs[#seqs + 1] = found[i], num(tonumber(found[i + 1])) end
  end
  return ids, seqs
end

local function has(list, wanted)
  for _, one in ipairs(list) do if one == wanted then return true end end
  return false
end

local function is_in(status, v)
  local function count(i) return tonumber(v[5 + i]) or 0 end
  if status == 'open' then return count(1) + count(2) > 0 end
  if status == 'in_flight' then return count(2) > 0 end
  if status == 'delivered' then return count(3) > 0 end
  if status == 'dead' then return count(4) > 0 end
  return v[4] == '1'
end

local function is_marked(v)
  if not q.channel and not q.tag then return true end
  if not v[5] then return false end
  local marks = cjson.decode(v[5])
  return (not q.channel or has(marks.channels, q.channel)) and (not q.tag or has(marks.tags, q.tag))
end

local function fits(v)
  local at = tonumber(v[3])
  return (not q.app or v[1] == q.app) and (not q.types or has(q.types, v[2]))
    and (not q.since or at >= q.since) and (not q.until_ or at < q.until_)
    and (not q.after or at > q.after) and (not q.before or at < q.before)
    and (not q.status or is_in(q.status, v)) and is_marked(v)
end

-- The newest delivery to an endpoint.
local function sent_to(event, endpoint)
  local ids = call('LRANGE', P .. 'ds:' .. event, 0, -1)
  for i = #ids, 1, -1 do
    local d = get(ids[i])
    if d and d.endpoint == endpoint then return d end
  end
end

local ids, seqs = walk()
local rows = {}
for i, id in ipairs(ids) do
  local v = call('HMGET', P .. 'e:' .. id, 'a', 't', 'r', 'v', 'm', 'c0', 'c1', 'c2', 'c3', 'z')
  local row = v[1] and fits(v) and {seqs[i], id, v[10]}
  if row and q.without and sent_to(id, q.without) then row = nil end
  if row and q.sent then
    local d = sent_to(id, q.sent)
    if d and (not q.states or has(q.states, d.state)) and not (q.attempted and d.attempts == 0) then
      row[4], row[5], row[6], row[7], row[8] = d.id, tostring(d.state), d.due or '', tostring(d.attempts), d.endpoint
    else
      row = nil
    end
  end
  if row then rows[#rows + 1] = row end
  if #rows == q.limit then return {seqs[i], 0, rows} end
end
return {seqs[#seqs] or '', #ids < q.looks and 1 or 0, rows}
