-- GCRA: a request moves the theoretical arrival time on by one interval; it may run ahead of now by one whole window.
local WINDOW = 60 * 1000000
local rate = key(args.tenant, 'rate')
local interval = WINDOW / tonumber(args.per_minute)
local arrival = math.max(tonumber(redis.call('GET', rate) or '0'), now)
local ahead = arrival + interval - now
if ahead > WINDOW then return {'ok', '0', '0', text(ahead - WINDOW), text(arrival - now)} end
redis.call('SET', rate, text(arrival + interval), 'PX', math.ceil(ahead / 1000))
return {'ok', '1', text(math.floor((WINDOW - ahead) / interval)), '0', text(ahead)}
