-- ARGV: what to do with deliveries that are held: extend, release, or skip to what happens next.
local wish = cjson.decode(ARGV[1])
for _, held in ipairs(wish.held) do
  local d = get(held[1])
  if holds(d, held[2]) then
    if wish.to == 'extend' then
      d.due = num(wish.at)
    elseif wish.to == 'release' then
      d.state, d.due = PENDING, num(wish.at)
    else
      go_on(d, wish.next)
      d.otherwise, d.again = '', false
    end
    save(d)
  end
end
if wish.to == 'release' then tell(wish.node, 'd', '') end
return 1
