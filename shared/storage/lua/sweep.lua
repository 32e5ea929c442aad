-- Put back what is open and has neither a lease nor a message; several sweepers at once do no harm.
local LIMIT = 100
local requeued, poisoned, resent = {}, {}, {}

for _, edit_id in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', text(now), 'LIMIT', 0, LIMIT)) do
  local tenant = redis.call('HGET', TENANTS, edit_id)
  if tenant then
    local went = requeue(tenant, edit_id, args.max_attempts, args.poison)
    if went == 'queued' then requeued[#requeued + 1] = edit_id end
    if went == 'poison' then poisoned[#poisoned + 1] = edit_id end
  else
    redis.call('ZREM', LEASES, edit_id)
  end
end

-- A message is lost if slots are free and the outbox is empty, but the edit still waits while later ones were taken
-- up, or while nothing runs at all.
local running = redis.call('ZCARD', OPEN) - redis.call('ZCARD', QUEUED)
local front = running == 0 and '+inf' or (redis.call('GET', FRONT) or '0')
if running < tonumber(args.slots) and redis.call('XLEN', OUTBOX) == 0 then
  for _, edit_id in ipairs(redis.call('ZRANGEBYSCORE', QUEUED, '-inf', front, 'LIMIT', 0, LIMIT)) do
    local tenant = redis.call('HGET', TENANTS, edit_id)
    local edit = tenant and edit_key(tenant, edit_id)
    if edit and now - tonumber(field(edit, 'sent_at')) >= tonumber(args.resend_after_us) then
      send(edit, edit_id)
      resent[#resent + 1] = edit_id
    end
  end
end
return {'ok', requeued, poisoned, resent}
