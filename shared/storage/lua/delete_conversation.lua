-- What its owner wants gone goes at once.
local tenant, id = args.tenant, args.conversation_id
local conversation = conversation_key(tenant, id)
if not exists(conversation) then return {'not-found'} end
local refusal = version_refusal(conversation)
if refusal then return refusal end

delete_conversation(tenant, id)
return {'ok'}
