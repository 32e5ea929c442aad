-- An edit that was asked for explicitly, with or without a conversation.
local tenant, edit = args.tenant, args.edit
if exists(edit_key(tenant, edit.id)) then return {'ok'} end
local refusal = operation_refusal(tenant)
if not refusal and edit.conversation_id then
  local conversation = conversation_key(tenant, edit.conversation_id)
  refusal = conversation_refusal(conversation, edit.base_revision_id) or version_refusal(conversation)
end
refusal = refusal or edit_refusal(tenant, edit)
if refusal then return refusal end

accept_edit(tenant, edit, nil)
if edit.conversation_id then touch_conversation(tenant, edit.conversation_id) end
note_operation(tenant, edit.id)
return {'ok'}
