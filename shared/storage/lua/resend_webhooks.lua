-- Dead webhooks begin anew: the same ids, all tries ahead of them.
local resent = {}
for _, member in ipairs(args.members) do
  local webhook = webhook_key(member)
  if redis.call('ZREM', DEAD_WEBHOOKS, member) == 1 and exists(webhook) then
    redis.call('PERSIST', webhook)
    redis.call('HSET', webhook, 'attempt', '0')
    redis.call('HDEL', webhook, 'died_at')
    redis.call('ZADD', WEBHOOKS, text(now), member)
    resent[#resent + 1] = member
  end
end
if #resent > 0 then wake_webhooks() end
return {'ok', resent}
