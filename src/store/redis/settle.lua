-- ARGV: the settlement, the attempt. Once more after an answer that was lost on the way, it is done already.
local s = cjson.decode(ARGV[1])
if s.repeated and call('EXISTS', P .. 't:' .. s.attempt) == 1 then return 1 end
return settle(s, ARGV[2]) and 1 or 0
