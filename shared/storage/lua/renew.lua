-- A sign of life for several claims at once; answers for each whether to go on.
local PROGRESS_PAUSE = 100000  -- microseconds: at most ten progress events a second for an edit

local function renew(one)
  local edit = edit_key(one.tenant, one.edit_id)
  if not holds(edit, one.fence) then return 'lost' end
  redis.call('ZADD', LEASES, text(now + tonumber(args.lease_us)), one.edit_id)
  local moved = tonumber(one.step) > tonumber(field(edit, 'step'))
  if moved then redis.call('HSET', edit, 'step', one.step) end
  if moved and now - tonumber(field(edit, 'progress_at')) >= PROGRESS_PAUSE then
    redis.call('HSET', edit, 'progress_at', text(now))
    emit(one.tenant, stream_of(edit, one.edit_id), 'edit.progress', '{"edit_id":"' .. one.edit_id ..
      '","attempt":' .. field(edit, 'attempt') .. ',"step":' .. one.step .. ',"steps":' .. one.steps .. '}')
  end
  return field(edit, 'cancel_requested') and 'cancel' or 'continue'
end

local verdicts = {'ok'}
for _, one in ipairs(args.renewals) do verdicts[#verdicts + 1] = renew(one) end
return verdicts
