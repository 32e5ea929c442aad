-- A conversation out of an archive, with all that belongs to it. Whose bytes are stored already: its pictures.
local tenant, new = args.tenant, args.conversation
local conversation = conversation_key(tenant, new.id)
if exists(conversation) then return {'ok'} end
local refusal = operation_refusal(tenant)
if refusal then return refusal end

for _, image in ipairs(args.images) do
  write_image(tenant, image)
  use_image(tenant, new.id, image.id)
end
for index, edit in ipairs(args.edits) do  -- in the lists they are as new as the conversation, oldest first
  local at = text(now + index)
  write(edit_key(tenant, edit.id), edit)
  redis.call('ZADD', key(tenant, 'edits', 'all'), at, edit.id)
  redis.call('ZADD', key(tenant, 'edits', edit.status), at, edit.id)
  redis.call('SADD', conversation .. ':edits', edit.id)
end
for _, revision in ipairs(args.revisions) do
  redis.call('HSET', conversation .. ':revisions', revision.id, cjson.encode(revision))
end
for _, turn in ipairs(args.turns) do redis.call('RPUSH', conversation .. ':turns', cjson.encode(turn)) end

new.version, new.turn_count = '1', text(#args.turns)
new.created_at, new.updated_at = text(now), text(now)
write(conversation, new)
redis.call('ZADD', key(tenant, 'conversations'), text(now), new.id)
redis.call('ZADD', IDLE_CONVERSATIONS, text(now), owned(tenant, new.id))
note_operation(tenant, new.id)
return {'ok'}
