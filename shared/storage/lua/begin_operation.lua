-- The first to come with an idempotency key may work; the others wait, get its answer, or are refused.
local record = key(args.tenant, 'idempotency', args.key)
local known = field(record, 'fingerprint')
if known and known ~= args.fingerprint then return {'idempotency-mismatch'} end
local answer = field(record, 'answer')
if answer then return {'ok', 'answer', answer} end
local resource = field(record, 'resource')
local busy_until = field(record, 'busy_until')
if not resource and busy_until and tonumber(busy_until) > now then return {'idempotency-in-progress'} end

-- New, or its first worker died: before the effect (start again) or after it (resource: answer from what there is).
write(record, {fingerprint = args.fingerprint, token = args.token, busy_until = text(now + tonumber(args.busy_us))})
redis.call('EXPIRE', record, args.ttl_s)
return {'ok', 'operation', resource or ''}
