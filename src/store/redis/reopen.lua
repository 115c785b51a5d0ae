-- ARGV: the delivery, until when it is held; the time, if it is only taken up when it is due.
local d = get(ARGV[1])
if not d or ARGV[3] and (not d.due or tonumber(d.due) > tonumber(ARGV[3])) then return false end
d.fence, d.state, d.due, d.otherwise = d.fence + 1, IN_FLIGHT, ARGV[2], ''
save(d)
return {d.fence, d.attempts}
