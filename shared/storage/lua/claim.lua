-- The right to run the edit that is next in line, whichever edit the message named that woke the worker.
local named = args.edit_id

-- There are as many messages as edits that wait, so this one is used up. What the edit that it names is up to matters
-- if nothing waits: terminal or waiting → unknown, live lease → busy, attempts used up → poison.
local function take_message()
  local sent_at = redis.call('ZSCORE', WAKES, named)
  if sent_at then
    redis.call('ZREM', WAKES, named)
    redis.call('SET', WOKEN, text(math.max(sent_at, redis.call('GET', WOKEN) or '0')))
  end
  local tenant = redis.call('HGET', TENANTS, named)
  if not tenant or field(edit_key(tenant, named), 'status') ~= 'running' then return 'unknown' end
  local lease = redis.call('ZSCORE', LEASES, named)
  if lease and tonumber(lease) > now then return 'busy' end
  return requeue(tenant, named, args.max_attempts, args.poison) == 'poison' and 'poison' or 'finished'
end

local nothing_because = take_message()
local edit_id = redis.call('ZRANGE', LINE, 0, 0)[1]
if not edit_id then return {'ok', nothing_because} end

local tenant = redis.call('HGET', TENANTS, edit_id)
local edit = edit_key(tenant, edit_id)
-- The last attempt is not given to a worker that runs others beside it: what has brought workers down so often shall
-- not take them along once more.
local attempts = tonumber(field(edit, 'attempt'))
if args.beside_others == '1' and attempts > 0 and attempts + 1 >= tonumber(args.max_attempts) then
  return {'ok', 'suspect'}
end

move(tenant, edit_id, 'running')
take_turn(tenant, edit)
local fence, attempt = redis.call('HINCRBY', edit, 'fence', 1), redis.call('HINCRBY', edit, 'attempt', 1)
redis.call('HSET', edit, 'started_at', text(now), 'worker_id', args.worker_id, 'step', '0', 'progress_at', '0')
redis.call('ZADD', LEASES, text(now + tonumber(args.lease_us)), edit_id)
emit(tenant, stream_of(edit, edit_id), 'edit.started',
  '{"edit_id":"' .. edit_id .. '","attempt":' .. text(attempt) .. '}')
local mask_image_id = field(edit, 'mask_image_id')
return {'ok', 'claimed', tenant, text(fence), redis.call('HGETALL', edit),
  redis.call('HGETALL', key(tenant, 'image', field(edit, 'source_image_id'))),
  mask_image_id and redis.call('HGETALL', key(tenant, 'image', mask_image_id)) or {}}
