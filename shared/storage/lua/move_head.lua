-- Undo, redo, branch: the next turn starts from this revision.
local tenant, id, revision_id = args.tenant, args.conversation_id, args.revision_id
local conversation = conversation_key(tenant, id)
if not exists(conversation) then return {'not-found'} end
local refusal = version_refusal(conversation) or conversation_refusal(conversation, revision_id)
if refusal then return refusal end

if field(conversation, 'head_revision_id') ~= revision_id then set_head(tenant, id, revision_id) end
return {'ok'}
