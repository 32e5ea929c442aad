-- The request failed; its key is free again unless the effect happened after all.
local record = key(args.tenant, 'idempotency', args.key)
if field(record, 'token') == args.token and not field(record, 'resource') then redis.call('DEL', record) end
return {'ok'}
