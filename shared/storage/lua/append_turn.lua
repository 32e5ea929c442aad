-- Both halves of a turn and, if there is one, its edit or the head's move: all or nothing.
local tenant, id, turn = args.tenant, args.conversation_id, args.turn
local conversation = conversation_key(tenant, id)
if field(conversation, 'last_turn_id') == turn.id then return {'ok', field(conversation, 'turn_count')} end
local refusal = conversation_refusal(conversation, turn.base_revision_id) or operation_refusal(tenant)
if refusal then return refusal end
if field(conversation, 'version') ~= args.version then return {'concurrent-change', field(conversation, 'version')} end
if args.edit then refusal = edit_refusal(tenant, args.edit) end
if args.head_revision_id then refusal = conversation_refusal(conversation, args.head_revision_id) end
if refusal then return refusal end

local number = text(redis.call('HINCRBY', conversation, 'turn_count', 1))
turn.created_at = text(now)
redis.call('RPUSH', conversation .. ':turns', cjson.encode(turn))
redis.call('HSET', conversation, 'last_turn_id', turn.id)
if not args.head_revision_id then touch_conversation(tenant, id) end
local edit_json = turn.edit_id and ('"' .. turn.edit_id .. '"') or 'null'
emit(tenant, id, 'turn.created',
  '{"number":' .. number .. ',"reply_kind":"' .. turn.reply_kind .. '","edit_id":' .. edit_json .. '}')
if args.edit then accept_edit(tenant, args.edit, number) end
if args.head_revision_id then set_head(tenant, id, args.head_revision_id) end
note_operation(tenant, number)
return {'ok', number}
