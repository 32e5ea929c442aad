-- Change a conversation's title, caption or defaults.
local conversation = conversation_key(args.tenant, args.conversation_id)
if not exists(conversation) then return {'not-found'} end
local refusal = version_refusal(conversation)
if refusal then return refusal end

write(conversation, args.set)
for _, name in ipairs(args.clear) do redis.call('HDEL', conversation, name) end
touch_conversation(args.tenant, args.conversation_id)
return {'ok'}
