-- What came of a try; of one that was overtaken by another worker's only a success counts.
local member, webhook = args.member, webhook_key(args.member)
local attempt = field(webhook, 'attempt')
if attempt and args.outcome == 'delivered' then
  redis.call('DEL', webhook)
  redis.call('ZREM', WEBHOOKS, member)
  redis.call('ZREM', DEAD_WEBHOOKS, member)
  return {'ok', 'ok'}
end
if attempt ~= args.attempt or not redis.call('ZSCORE', WEBHOOKS, member) then return {'ok', 'fenced'} end
if args.outcome == 'dead' then
  bury_webhook(member, args.why)
else
  redis.call('HSET', webhook, 'why', args.why)
  redis.call('ZADD', WEBHOOKS, text(now + tonumber(args.pause_us)), member)
  wake_webhooks()
end
return {'ok', 'ok'}
