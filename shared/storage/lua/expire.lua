-- Delete some of what nobody has touched for as long as the settings keep it; several at once do no harm.
local LIMIT = 20  -- of a kind: a conversation may hold hundreds of keys, and everybody waits for a script
local counts = {}

local function expire(index, kept_us, delete)
  counts[#counts + 1] = 0
  if kept_us == '0' then return end
  local before = text(now - tonumber(kept_us))
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', before, 'LIMIT', 0, LIMIT)) do
    local tenant, id = string.match(member, '^(.*):(.*)$')
    redis.call('ZREM', index, member)
    delete(tenant, id)
    counts[#counts] = counts[#counts] + 1
  end
end

expire(IDLE_CONVERSATIONS, args.conversation_us, function(tenant, id)
  if field(conversation_key(tenant, id), 'unfinished_edit_id') then
    redis.call('ZADD', IDLE_CONVERSATIONS, text(now), owned(tenant, id))  -- its end will tell when it was last in use
  else
    delete_conversation(tenant, id)
  end
end)
expire(IDLE_EDITS, args.edit_us, function(tenant, id)
  delete_edit(tenant, id)
  release_images(tenant, id)
  redis.call('DEL', key(tenant, 'events', id))
end)
expire(IDLE_IMAGES, args.image_us, drop_unused)
expire(IDLE_STUDIES, args.study_us, delete_study)
return {'ok', unpack(counts)}
