-- Lease the webhooks that are due, by moving when they are; what a lost worker had taken comes due again by itself.
local function take(member)
  local webhook = webhook_key(member)
  if not exists(webhook) then
    redis.call('ZREM', WEBHOOKS, member)
  elseif tonumber(field(webhook, 'attempt')) >= tonumber(args.tries) then
    bury_webhook(member, args.lost)
  else
    redis.call('HINCRBY', webhook, 'attempt', 1)
    redis.call('ZADD', WEBHOOKS, text(now + tonumber(args.lease_us)), member)
    return redis.call('HGETALL', webhook)
  end
end

local taken = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', WEBHOOKS, '-inf', text(now), 'LIMIT', 0, tonumber(args.limit))) do
  taken[#taken + 1] = take(member)
end
local first = redis.call('ZRANGE', WEBHOOKS, 0, 0, 'WITHSCORES')
local pause = first[2] and math.max(0, tonumber(first[2]) - now)
if pause == 0 then wake_webhooks() end
return {'ok', pause and text(pause) or '', taken}
