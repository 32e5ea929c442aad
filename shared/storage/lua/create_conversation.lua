-- A conversation with its root revision.
local tenant, new = args.tenant, args.conversation
local conversation = conversation_key(tenant, new.id)
if exists(conversation) then return {'ok'} end
if not exists(key(tenant, 'image', new.root_image_id)) then return {'not-found'} end
local refusal = operation_refusal(tenant)
if refusal then return refusal end

local root = cjson.encode({id = new.root_revision_id, image_id = new.root_image_id, created_at = text(now)})
new.head_revision_id, new.turn_count, new.version = new.root_revision_id, '0', '1'
new.created_at, new.updated_at = text(now), text(now)
write(conversation, new)
redis.call('HSET', conversation .. ':revisions', new.root_revision_id, root)
redis.call('ZADD', key(tenant, 'conversations'), text(now), new.id)
redis.call('ZADD', IDLE_CONVERSATIONS, text(now), owned(tenant, new.id))
use_image(tenant, new.id, new.root_image_id)
note_operation(tenant, new.id)
return {'ok'}
