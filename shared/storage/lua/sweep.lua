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

-- A message is lost if slots are free and the outbox is empty, but it has not come while later ones have, or while
-- nothing runs at all. As many are sent again as there are edits for which none is on its way.
local running = redis.call('ZCARD', OPEN) - redis.call('ZCARD', QUEUED)
if running < tonumber(args.slots) and redis.call('XLEN', OUTBOX) == 0 then
  local overtaken = running == 0 and now or (redis.call('GET', WOKEN) or 0) - 1
  redis.call('ZREMRANGEBYSCORE', WAKES, '-inf', text(math.min(overtaken, now - tonumber(args.resend_after_us))))
  local missing = redis.call('ZCARD', QUEUED) - redis.call('ZCARD', WAKES)
  for _, edit_id in ipairs(redis.call('ZRANGE', LINE, 0, LIMIT - 1)) do
    if #resent < missing and not redis.call('ZSCORE', WAKES, edit_id) then
      send(edit_id)
      resent[#resent + 1] = edit_id
    end
  end
end
return {'ok', requeued, poisoned, resent}
