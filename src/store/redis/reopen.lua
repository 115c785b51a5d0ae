-- ARGV: the delivery, until when it is held.
local d = get(ARGV[1])
if not d then return false end
d.fence, d.state, d.due, d.otherwise = d.fence + 1, IN_FLIGHT, ARGV[2], ''
save(d)
return {d.fence, d.attempts}
