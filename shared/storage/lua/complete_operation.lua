-- Keep the answer for whoever repeats the request.
local record = key(args.tenant, 'idempotency', args.key)
if field(record, 'token') == args.token then
  redis.call('HSET', record, 'answer', args.answer)
  redis.call('EXPIRE', record, args.ttl_s)
end
return {'ok'}
