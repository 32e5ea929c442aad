-- A waiting edit ends here, which is told to the caller; a running one is told to its worker at the next step; a finished one stays as it is.
local tenant, edit_id = args.tenant, args.edit_id
local edit = edit_key(tenant, edit_id)
if not exists(edit) then return {'not-found'} end
local status = field(edit, 'status')
if status == 'queued' then
  cancel_edit(tenant, edit_id)
  return {'ok', 'ended'}
elseif status == 'running' then
  redis.call('HSET', edit, 'cancel_requested', '1')
end
return {'ok'}
