-- ARGV: the event and its deliveries, its request, the answer to remember, what was answered by attempt.
local new = cjson.decode(ARGV[1])
local key = P .. 'e:' .. new.id
local there = call('HGET', key, 'q')
if there then return {'there', there} end

local record = new.record
local remembered = record and P .. 'rec:' .. record.key
if record then
  local old = call('HMGET', remembered, 'at', 'answer')
  record.known = old[1] and record.at - tonumber(old[1]) < record.lasting
  if record.known and old[2] ~= ARGV[3] then return {'answered'} end
end
if new.uid and call('HEXISTS', P .. 'uid:' .. new.app, new.uid) == 1 then return {'taken'} end

local seq = call('INCR', P .. 'seq')
local event = {'q', num(seq), 'a', new.app, 't', new.type, 'r', num(new.at), 'z', new.size}
if new.invalid then event[#event + 1] = 'v' event[#event + 1] = 1 end
if new.uid then event[#event + 1] = 'u' event[#event + 1] = new.uid end
if new.marks then event[#event + 1] = 'm' event[#event + 1] = new.marks end
call('HSET', key, unpack(event))
call('SET', P .. 'b:' .. new.id, ARGV[2])
call('XADD', P .. 'log:' .. new.app, num(seq) .. '-0', 'e', new.id)
call('ZADD', P .. 'all', seq, new.id)
call('ZADD', P .. 'type:' .. new.type, seq, new.id)
call('INCRBY', P .. 'bytes', new.size)
if new.uid then call('HSET', P .. 'uid:' .. new.app, new.uid, new.id) end
if new.invalid then call('ZADD', P .. 'is:invalid', seq, new.id) end
if new.until_ then call('ZADD', P .. 'until', num(new.until_), new.id) end

-- Times never go back here, so that a moment finds a place; 'late' is by how much an event ever did.
local clock = call('HMGET', P .. 'clock', 'latest', 'late')
local latest = tonumber(clock[1] or '-1')
if new.at > latest then
  call('HSET', P .. 'clock', 'latest', num(new.at))
  local second = math.floor(new.at / 1000)
  if second > math.floor(latest / 1000) then call('ZADD', P .. 'time', num(second * 1000), num(seq)) end
elseif latest - new.at > tonumber(clock[2] or '0') then
  call('HSET', P .. 'clock', 'late', num(latest - new.at))
end

if record and not record.known then
  call('HSET', remembered, 'at', num(record.at), 'body', record.body, 'answer', ARGV[3])
  call('PEXPIRE', remembered, record.lasting)
  call('ZADD', P .. 'recs', num(record.at), record.key)
  if call('ZCARD', P .. 'recs') > record.most then
    local oldest = call('ZPOPMIN', P .. 'recs')
    call('DEL', P .. 'rec:' .. oldest[1])
  end
end

local kind = 'e'
for _, delivery in ipairs(new.deliveries) do
  enqueue(delivery, new.id, seq)
  if delivery.made then settle(delivery.made, ARGV[3 + delivery.made.place]) end
  if not delivery.held then kind = 'd' end
end
tell(new.node, kind, new.app)
return {'kept', num(seq)}
