-- The right to run an edit: terminal → unknown, live lease → busy, attempts used up → poison, else the next fence.
-- The last attempt is not given to a worker that runs others beside it: what has brought workers down so often shall
-- not take them along once more.
local edit_id = args.edit_id
local tenant = redis.call('HGET', TENANTS, edit_id)
if not tenant then return {'ok', 'unknown'} end
local edit = edit_key(tenant, edit_id)
if field(edit, 'status') == 'running' then
  local lease = redis.call('ZSCORE', LEASES, edit_id)
  if lease and tonumber(lease) > now then return {'ok', 'busy'} end
  local went = requeue(tenant, edit_id, args.max_attempts, args.poison)
  if went ~= 'queued' then return {'ok', went == 'poison' and 'poison' or 'finished'} end
end
local attempts = tonumber(field(edit, 'attempt'))
if args.beside_others == '1' and attempts > 0 and attempts + 1 >= tonumber(args.max_attempts) then
  return {'ok', 'suspect'}
end

move(tenant, edit_id, 'running')
-- How far the queue has been worked off; a sweep takes a waiting edit before this point for overtaken.
local created_at = field(edit, 'created_at')
if tonumber(created_at) > tonumber(redis.call('GET', FRONT) or '0') then redis.call('SET', FRONT, created_at) end
local fence, attempt = redis.call('HINCRBY', edit, 'fence', 1), redis.call('HINCRBY', edit, 'attempt', 1)
redis.call('HSET', edit, 'started_at', text(now), 'worker_id', args.worker_id, 'step', '0', 'progress_at', '0')
redis.call('ZADD', LEASES, text(now + tonumber(args.lease_us)), edit_id)
emit(tenant, stream_of(edit, edit_id), 'edit.started',
  '{"edit_id":"' .. edit_id .. '","attempt":' .. text(attempt) .. '}')
local mask_image_id = field(edit, 'mask_image_id')
return {'ok', 'claimed', tenant, text(fence), redis.call('HGETALL', edit),
  redis.call('HGETALL', key(tenant, 'image', field(edit, 'source_image_id'))),
  mask_image_id and redis.call('HGETALL', key(tenant, 'image', mask_image_id)) or {}}
