-- ARGV: the history of writes that this server goes on with, as replication names it.
local known = call('GET', P .. 'history')
if known == ARGV[1] then return end
call('SET', P .. 'history', ARGV[1])
if known then call('INCRBY', P .. 'seq', 1000000) end
