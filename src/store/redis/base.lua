-- What every script starts with. KEYS[1] is the start of every key, with the hash tag that keeps them on one shard.
--
-- seq             the place given out last              e:<event>   its place, app, type, time, size and counts
-- log:<app>       stream: the app's events by place     b:<event>   its request
-- all, type:<t>   events by place                       ds:<event>  its deliveries    d:<delivery>  one of them
-- is:<state>      events by place, the rare states      ats:<event> its attempts      t:<attempt>   one of them
-- due:<endpoint>  open deliveries by when they are due  ae:, af:<endpoint>  its attempts by id, and those that failed
-- busy            endpoints with open deliveries        h:, ta:<endpoint>   how it is doing, and counts by the hour
-- time            the first place of each second        notes       stream: what other nodes want to know
-- claim:<name>    who listens under a name, and at which node
-- group:<name>    how far the log was given out to a group, and which node has what of it
-- listeners       how far each name and group has come
-- history         which server's writes these are        round       written so that replicas have something to answer
local P = KEYS[1]
local call = redis.call
local PENDING, IN_FLIGHT, DELIVERED, DEAD = 0, 1, 2, 3

-- Lua writes large numbers as 1.76e+12.
local function num(n) return string.format('%.0f', n) end

local function tell(node, kind, app)
  call('XADD', P .. 'notes', 'MAXLEN', '~', 1000, '*', 'n', node, 'k', kind, 'a', app)
end

-- A delivery as it is kept; nil if it is not there.
local function get(id)
  local v = call('HMGET', P .. 'd:' .. id, 'e', 'p', 'q', 'i', 's', 'u', 'n', 'f', 'o', 'g', 'k')
  if not v[1] then return nil end
  local d = {
    id = id, event = v[1], endpoint = v[2], seq = tonumber(v[3]), index = tonumber(v[4]), state = tonumber(v[5]),
    due = v[6] ~= '' and v[6] or nil, attempts = tonumber(v[7]), fence = tonumber(v[8]), otherwise = v[9],
    again = v[10] == '1', asked = tonumber(v[11]),
  }
  d.was, d.was_due = d.state, d.due
  return d
end

-- Equal due times are in the order of the log.
local function spot(d) return string.format('%016.0f:%06d:', d.seq, d.index) .. d.id end

local function recount(d)
  local key = P .. 'e:' .. d.event
  if d.was then call('HINCRBY', key, 'c' .. d.was, -1) end
  call('HINCRBY', key, 'c' .. d.state, 1)
  local c = call('HMGET', key, 'c0', 'c1', 'c3')
  local function mark(index, count)
    if count > 0 then call('ZADD', P .. index, d.seq, d.event) else call('ZREM', P .. index, d.event) end
  end
  mark('is:open', (tonumber(c[1]) or 0) + (tonumber(c[2]) or 0))
  if d.was == DEAD or d.state == DEAD then mark('is:dead', tonumber(c[3]) or 0) end
end

local function undue(d)
  local queue = P .. 'due:' .. d.endpoint
  call('ZREM', queue, spot(d))
  if call('EXISTS', queue) == 0 then call('ZREM', P .. 'busy', d.endpoint) end
end

-- Writes a delivery, and keeps what finds it by its state and by when it is due.
local function save(d)
  if d.due and d.due ~= d.was_due then
    call('ZADD', P .. 'due:' .. d.endpoint, d.due, spot(d))
    if not d.was_due then call('ZADD', P .. 'busy', 0, d.endpoint) end
  elseif d.was_due and not d.due then
    undue(d)
  end
  if d.state ~= d.was then recount(d) end
  call('HSET', P .. 'd:' .. d.id, 'e', d.event, 'p', d.endpoint, 'q', num(d.seq), 'i', d.index, 's', d.state,
    'u', d.due or '', 'n', d.attempts, 'f', d.fence, 'o', d.otherwise, 'g', d.again and '1' or '0', 'k', d.asked)
  d.was, d.was_due = d.state, d.due
end

-- What happens next: 'v' is delivered, 'x' is dead, a number is another try then.
local function go_on(d, next)
  if next == 'v' then d.state, d.due = DELIVERED, nil
  elseif next == 'x' then d.state, d.due = DEAD, nil
  else d.state, d.due = PENDING, next end
end

local function holds(d, fence) return d and d.fence == fence and d.state == IN_FLIGHT end

local function note_health(s)
  local key = P .. 'h:' .. s.endpoint
  if s.ok then call('DEL', key) return end
  if s.manual then return end
  call('HSETNX', key, 'since', num(s.at))
  call('HINCRBY', key, 'failures', 1)
  if s.next == 'x' then
    call('HSETNX', key, 'dead', num(s.at))
    call('HINCRBY', key, 'deaths', 1)
  end
end

local function note_tally(s)
  local hour = num(s.hour)
  local key = P .. 'ta:' .. s.endpoint .. ':' .. hour
  local is_new = call('EXISTS', key) == 0
  for _, one in ipairs(s.tally) do call('HINCRBY', key, one[1], one[2]) end
  if not is_new then return end
  call('EXPIRE', key, s.lasting)
  call('ZADD', P .. 'th:' .. s.endpoint, hour, hour)
  call('SADD', P .. 'tallied', s.endpoint)
end

-- Keeps an attempt with what comes of it; false if somebody else holds the delivery by now.
local function settle(s, bytes)
  local d = get(s.delivery)
  if not holds(d, s.fence) then return false end
  d.attempts = d.attempts + 1
  if s.manual then d.asked = d.asked + 1 end
  if d.again then
    d.otherwise = s.next
    go_on(d, num(s.ended))
  else
    d.otherwise = ''
    go_on(d, s.next)
  end
  d.again = false
  save(d)
  note_health(s)
  note_tally(s)
  call('SET', P .. 't:' .. s.attempt, bytes)
  call('RPUSH', P .. 'ats:' .. d.event, s.attempt .. ' ' .. d.id .. ' ' .. s.endpoint .. ' ' .. (s.ok and '1' or '0'))
  call('ZADD', P .. 'ae:' .. s.endpoint, 0, s.attempt .. ' ' .. d.event)
  if not s.ok then call('ZADD', P .. 'af:' .. s.endpoint, 0, s.attempt .. ' ' .. d.event) end
  return true
end

-- Makes a delivery, unless it is there.
local function enqueue(new, event, seq)
  if call('EXISTS', P .. 'd:' .. new.id) == 1 then return end
  local index = call('RPUSH', P .. 'ds:' .. event, new.id) - 1
  save({
    id = new.id, event = event, endpoint = new.endpoint, seq = seq, index = index,
    state = new.held and IN_FLIGHT or PENDING, due = num(new.held or new.due), attempts = 0,
    fence = new.held and 1 or 0, otherwise = new.otherwise or '', again = false, asked = 0,
  })
end
