-- A conversation with its turns, revisions, events and edits, and the pictures that nobody else uses.
local tenant, id = args.tenant, args.conversation_id
local conversation = conversation_key(tenant, id)
if not exists(conversation) then return {'not-found'} end
local refusal = version_refusal(conversation)
if refusal then return refusal end

local function delete_edit(edit_id)
  local edit = edit_key(tenant, edit_id)
  if field(edit, 'status') == 'running' then discard_files(tenant, edit_id, tonumber(field(edit, 'fence'))) end
  redis.call('ZREM', key(tenant, 'edits', 'all'), edit_id)
  redis.call('ZREM', key(tenant, 'edits', field(edit, 'status')), edit_id)
  for _, index in ipairs({QUEUED, LINE, OPEN, LEASES}) do redis.call('ZREM', index, edit_id) end
  redis.call('HDEL', TENANTS, edit_id)
  redis.call('DEL', edit)
end

local function let_go(image_id)
  redis.call('SREM', key(tenant, 'image', image_id, 'users'), id)
  drop_unused(tenant, image_id)
end

for _, edit_id in ipairs(redis.call('SMEMBERS', conversation .. ':edits')) do delete_edit(edit_id) end
for _, image_id in ipairs(redis.call('SMEMBERS', key(tenant, 'uses', id))) do let_go(image_id) end
redis.call('ZREM', key(tenant, 'conversations'), id)
redis.call('DEL', conversation, conversation .. ':turns', conversation .. ':revisions', conversation .. ':edits',
  key(tenant, 'events', id), key(tenant, 'uses', id))
return {'ok'}
