-- Runs before every script. ARGV[1] is a JSON object of strings (and lists or objects of strings): numbers would lose
-- digits in cjson. NEXT, the table of allowed moves, is generated from shared/schemas/edit.py and stands before this.
-- A script answers {'ok', …} or {'<refusal>', …}; it writes nothing before its last check.
local args = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])  -- microseconds; the only clock there is

local QUEUED, OPEN, TENANTS, LEASES = 'dp:queued', 'dp:open', 'dp:tenants', 'dp:leases'
local OUTBOX, GARBAGE = 'dp:outbox', 'dp:garbage'
local LINE, FRONT, SERVED = 'dp:line', 'dp:line:front', 'dp:line:served'  -- who is next; see below
local WAKES, WOKEN = 'dp:wakes', 'dp:woken'  -- messages that are out, by when they were sent; when the latest to arrive was
local API_KEYS = 'dp:keys'
local WEBHOOKS, DEAD_WEBHOOKS = 'dp:webhooks', 'dp:webhooks:dead'  -- tenant:id by when it is due, by when it died
local WEBHOOKS_WAKE = 'dp:webhooks:wake'
local IDLE_CONVERSATIONS, IDLE_EDITS, IDLE_IMAGES = 'dp:idle:conversations', 'dp:idle:edits', 'dp:idle:images'
local IDLE_STUDIES = 'dp:idle:studies'
local ENDED = 'dp:ended'  -- a channel: the ids of edits as they end

local function text(number) return string.format('%.0f', number) end

local function key(tenant, ...) return 'dp:t:' .. tenant .. ':' .. table.concat({...}, ':') end

local function edit_key(tenant, edit_id) return key(tenant, 'edit', edit_id) end

local function conversation_key(tenant, conversation_id) return key(tenant, 'conversation', conversation_id) end

local function study_key(tenant, study_id) return key(tenant, 'study', study_id) end

-- How something is named in an index of all tenants; neither part has a colon.
local function owned(tenant, id) return tenant .. ':' .. id end

local function field(record, name) return redis.call('HGET', record, name) or nil end

local function exists(record) return redis.call('EXISTS', record) == 1 end

-- Write a flat Lua table into a hash.
local function write(record, fields)
  local flat = {}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  if #flat > 0 then redis.call('HSET', record, unpack(flat)) end
end

-- Append an event; ids count 1-0, 2-0, … so that a reader sees a gap. `json` is the encoded data.
local function emit(tenant, stream, event, json)
  local events = key(tenant, 'events', stream)
  local last = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)
  local number = 1
  if #last > 0 then number = tonumber(string.match(last[1][1], '^%d+')) + 1 end
  redis.call('XADD', events, 'MAXLEN', '~', args.stream_length, text(number) .. '-0',
    'event', event, 'at', text(now), 'data', json)
end

-- A JSON list of strings; cjson would turn an empty one into an object.
local function json_list(strings)
  if #strings == 0 then return '[]' end
  return cjson.encode(strings)
end

local function stream_of(edit, edit_id)
  return field(edit, 'conversation_id') or edit_id
end

-- Remember that `user` (a conversation, a free-standing edit or a study) needs a picture.
local function use_image(tenant, user, image_id)
  redis.call('SADD', key(tenant, 'image', image_id, 'users'), user)
  redis.call('SADD', key(tenant, 'uses', user), image_id)
  redis.call('ZREM', IDLE_IMAGES, owned(tenant, image_id))
end

-- Forget a picture that nothing uses (any more); the sweep deletes its file.
local function drop_unused(tenant, image_id)
  local image = key(tenant, 'image', image_id)
  if exists(image) and redis.call('SCARD', image .. ':users') == 0 then
    local file = field(image, 'file')
    redis.call('SADD', GARBAGE, file)
    redis.call('SREM', key(tenant, 'files'), file)
    redis.call('ZREM', IDLE_IMAGES, owned(tenant, image_id))
    redis.call('DEL', image)
  end
end

local function write_image(tenant, image)
  image.created_at = text(now)
  write(key(tenant, 'image', image.id), image)
  redis.call('SADD', key(tenant, 'files'), image.file)
end

-- A conversation, a free-standing edit or a study is no more: let go of its pictures.
local function release_images(tenant, user)
  for _, image_id in ipairs(redis.call('SMEMBERS', key(tenant, 'uses', user))) do
    redis.call('SREM', key(tenant, 'image', image_id, 'users'), user)
    drop_unused(tenant, image_id)
  end
  redis.call('DEL', key(tenant, 'uses', user))
end

local function touch_conversation(tenant, conversation_id)
  local conversation = conversation_key(tenant, conversation_id)
  redis.call('HSET', conversation, 'updated_at', text(now))
  redis.call('ZADD', IDLE_CONVERSATIONS, text(now), owned(tenant, conversation_id))
  return redis.call('HINCRBY', conversation, 'version', 1)
end

-- Why this request may not go on under its idempotency key, or nil.
local function operation_refusal(tenant)
  if not args.operation then return nil end
  local record = key(tenant, 'idempotency', args.operation.key)
  if field(record, 'token') ~= args.operation.token then return {'operation-lost'} end
  return nil
end

-- In the same breath as the effect: what the request of this idempotency key has made.
local function note_operation(tenant, resource_id)
  if args.operation then
    redis.call('HSET', key(tenant, 'idempotency', args.operation.key), 'resource', resource_id)
  end
end

local function version_refusal(conversation)
  local version = field(conversation, 'version')
  if args.if_version and args.if_version ~= version then return {'version-mismatch', version} end
  return nil
end

-- What a tenant may, as its key says or else as the settings do.
local function limit(tenant, name)
  local kept = redis.call('HGET', API_KEYS, tenant)
  return tonumber(kept and cjson.decode(kept).limits[name] or args[name])
end

-- The line: start-time fair queueing (Goyal, Vin and Cheng, 1996). An edit takes up as much of the line as it costs,
-- divided by its tenant's weight, and its place is where it begins: behind the tenant's edit before it, but never before
-- the line's front, which is the place of whoever was taken last. The first place in the line is next.
local STEP = 1000  -- of the line: one denoising step of one picture, at weight 1

-- Where the part of the line ends that the tenant's last edit takes up, be it taken already or still in line.
local function end_of_last(tenant)
  local served = tonumber(redis.call('ZSCORE', SERVED, tenant) or '0')
  local last = redis.call('ZRANGE', key(tenant, 'edits', 'queued'), -1, -1)[1]
  if not last then return served end
  local edit = edit_key(tenant, last)
  return math.max(served, field(edit, 'place') + field(edit, 'stretch'))
end

local function find_place(tenant, edit)
  edit.stretch = text(math.ceil(STEP * edit.steps * edit.count / limit(tenant, 'weight')))
  -- Each arrival moves the front on by a hair, so that among equals who came first is first.
  edit.place = text(math.max(redis.call('INCR', FRONT), end_of_last(tenant)))
end

-- Its turn has come.
local function take_turn(tenant, edit)
  local place, stretch = tonumber(field(edit, 'place')), tonumber(field(edit, 'stretch'))
  local front = math.max(place, tonumber(redis.call('GET', FRONT)))
  redis.call('SET', FRONT, text(front))
  redis.call('ZADD', SERVED, 'GT', text(place + stretch), tenant)
  redis.call('ZREMRANGEBYSCORE', SERVED, '-inf', text(front))  -- as good as never served
end

-- Move an edit along NEXT and keep every index in step with its record.
local function move(tenant, edit_id, to)
  local edit = edit_key(tenant, edit_id)
  local from, created_at = field(edit, 'status'), field(edit, 'created_at')
  assert(NEXT[from][to], 'an edit cannot go from ' .. from .. ' to ' .. to)
  redis.call('HSET', edit, 'status', to)
  redis.call('ZREM', key(tenant, 'edits', from), edit_id)
  redis.call('ZADD', key(tenant, 'edits', to), created_at, edit_id)
  if to == 'queued' then
    redis.call('ZADD', QUEUED, created_at, edit_id)
    redis.call('ZADD', LINE, field(edit, 'place'), edit_id)
  else
    redis.call('ZREM', QUEUED, edit_id)
    redis.call('ZREM', LINE, edit_id)
  end
  if to ~= 'running' then redis.call('ZREM', LEASES, edit_id) end
  if next(NEXT[to]) == nil then
    redis.call('HSET', edit, 'finished_at', text(now))
    redis.call('ZREM', OPEN, edit_id)
    redis.call('HDEL', TENANTS, edit_id)
    redis.call('PUBLISH', ENDED, edit_id)
  end
end

-- Wake a worker: not for this edit, but for whichever is next in line by then.
local function send(edit_id)
  redis.call('ZADD', WAKES, text(now), edit_id)
  redis.call('XADD', OUTBOX, '*', 'edit_id', edit_id)
end

-- The files of attempts that came to nothing belong to nobody.
local function discard_files(tenant, edit_id, last_fence)
  for fence = 1, last_fence do
    for index = 0, tonumber(field(edit_key(tenant, edit_id), 'count')) - 1 do
      redis.call('SADD', GARBAGE, tenant .. '/' .. edit_id .. '-' .. fence .. '-' .. index .. '.png')
    end
  end
end

-- One sleeping worker looks at WEBHOOKS again; it wakes the next one if there is more than it can take.
local function wake_webhooks()
  if redis.call('LLEN', WEBHOOKS_WAKE) == 0 then redis.call('RPUSH', WEBHOOKS_WAKE, '1') end
end

local function webhook_key(member) return 'dp:t:' .. string.gsub(member, ':', ':webhook:', 1) end

-- The one webhook of an edit, and its place in WEBHOOKS and DEAD_WEBHOOKS: as it is derived, it never has a second id.
local function webhook_member(tenant, edit_id) return owned(tenant, (string.gsub(edit_id, '^edit_', 'msg_'))) end

-- Owe whoever asked for it the end of an edit, with the edit as it is now.
local function owe_webhook(tenant, edit_id)
  local edit, member = edit_key(tenant, edit_id), webhook_member(tenant, edit_id)
  local url = field(edit, 'webhook_url')
  if not url then return end
  write(webhook_key(member), {member = member, url = url, attempt = '0', edit = cjson.encode(redis.call('HGETALL', edit))})
  redis.call('ZADD', WEBHOOKS, text(now), member)
  wake_webhooks()
end

-- A webhook that nobody tries to send any more is kept for a while, for an operator to look at.
local function bury_webhook(member, why)
  redis.call('HSET', webhook_key(member), 'why', why, 'died_at', text(now))
  redis.call('EXPIRE', webhook_key(member), args.keep_s)
  redis.call('ZREM', WEBHOOKS, member)
  redis.call('ZREMRANGEBYSCORE', DEAD_WEBHOOKS, '-inf', text(now - tonumber(args.keep_s) * 1000000))
  redis.call('ZADD', DEAD_WEBHOOKS, text(now), member)
end

-- Bring an edit to its end: index, conversation, event, webhook. `json` is the event's data.
local function end_edit(tenant, edit_id, status, json)
  local edit = edit_key(tenant, edit_id)
  local conversation_id = field(edit, 'conversation_id')
  move(tenant, edit_id, status)
  discard_files(tenant, edit_id, tonumber(field(edit, 'fence')) - (status == 'succeeded' and 1 or 0))
  if conversation_id then
    redis.call('HDEL', conversation_key(tenant, conversation_id), 'unfinished_edit_id')
    touch_conversation(tenant, conversation_id)
  end
  emit(tenant, stream_of(edit, edit_id), 'edit.' .. status, json)
  owe_webhook(tenant, edit_id)
  -- A free-standing edit's events are of no use for long; a conversation's go with the conversation.
  if not conversation_id then
    redis.call('EXPIRE', key(tenant, 'events', edit_id), args.events_ttl_s)
    redis.call('ZADD', IDLE_EDITS, text(now), owned(tenant, edit_id))
  end
end

local function fail_edit(tenant, edit_id, problem)
  redis.call('HSET', edit_key(tenant, edit_id), 'error', problem)
  end_edit(tenant, edit_id, 'failed', '{"edit_id":"' .. edit_id .. '","error":' .. problem .. '}')
end

local function cancel_edit(tenant, edit_id)
  end_edit(tenant, edit_id, 'canceled', cjson.encode({edit_id = edit_id}))
end

-- An edit's record and every index that it stands in; its pictures are its user's.
local function delete_edit(tenant, edit_id)
  local edit = edit_key(tenant, edit_id)
  if next(NEXT[field(edit, 'status')]) then cancel_edit(tenant, edit_id) end  -- who waits for its end hears of it
  redis.call('ZREM', key(tenant, 'edits', 'all'), edit_id)
  redis.call('ZREM', key(tenant, 'edits', 'rated'), edit_id)
  redis.call('ZREM', key(tenant, 'edits', field(edit, 'status')), edit_id)
  for _, index in ipairs({QUEUED, LINE, OPEN, LEASES}) do redis.call('ZREM', index, edit_id) end
  redis.call('ZREM', IDLE_EDITS, owned(tenant, edit_id))
  redis.call('HDEL', TENANTS, edit_id)
  redis.call('DEL', edit)
  local webhook = webhook_member(tenant, edit_id)
  if redis.call('ZREM', DEAD_WEBHOOKS, webhook) == 1 then redis.call('DEL', webhook_key(webhook)) end
end

-- A conversation with its turns, revisions, events and edits, and the pictures that nobody else uses.
local function delete_conversation(tenant, id)
  local conversation = conversation_key(tenant, id)
  for _, edit_id in ipairs(redis.call('SMEMBERS', conversation .. ':edits')) do delete_edit(tenant, edit_id) end
  release_images(tenant, id)
  redis.call('ZREM', key(tenant, 'conversations'), id)
  redis.call('ZREM', IDLE_CONVERSATIONS, owned(tenant, id))
  redis.call('DEL', conversation, conversation .. ':turns', conversation .. ':revisions', conversation .. ':edits',
    key(tenant, 'events', id))
end

-- A study with its votes, and the pictures that nobody else uses.
local function delete_study(tenant, id)
  local study = study_key(tenant, id)
  release_images(tenant, id)
  redis.call('ZREM', key(tenant, 'studies'), id)
  redis.call('ZREM', IDLE_STUDIES, owned(tenant, id))
  redis.call('DEL', study, study .. ':votes', study .. ':counts')
end

-- Put a running edit back: canceled if somebody asked for it, failed if its attempts are used up, else queued again.
local function requeue(tenant, edit_id, max_attempts, problem)
  local edit = edit_key(tenant, edit_id)
  if field(edit, 'cancel_requested') then
    cancel_edit(tenant, edit_id)
    return 'canceled'
  end
  if tonumber(field(edit, 'attempt')) >= tonumber(max_attempts) then
    fail_edit(tenant, edit_id, problem)
    return 'poison'
  end
  move(tenant, edit_id, 'queued')
  redis.call('HSET', edit, 'step', '0')
  send(edit_id)
  emit(tenant, stream_of(edit, edit_id), 'edit.queued',
    '{"edit_id":"' .. edit_id .. '","attempt":' .. field(edit, 'attempt') .. '}')
  return 'queued'
end

-- Why this tenant may not have one more edit, or nil. Without keys there is one tenant, and nobody to leave room for.
local function room_refusal(tenant)
  local most, open = limit(tenant, 'max_open_edits'), 0
  for _, status in ipairs({'queued', 'running'}) do open = open + redis.call('ZCARD', key(tenant, 'edits', status)) end
  if most > 0 and open >= most and tenant ~= args.keyless_tenant then return {'too-many-open', text(most)} end
  if redis.call('ZCARD', QUEUED) >= tonumber(args.max_queue) then return {'full'} end
  return nil
end

-- Why this edit can't be accepted, or nil.
local function edit_refusal(tenant, edit)
  local refusal = room_refusal(tenant)
  if refusal then return refusal end
  for _, image_id in ipairs({edit.source_image_id, edit.mask_image_id}) do
    if not exists(key(tenant, 'image', image_id)) then return {'not-found'} end
  end
  return nil
end

-- Why the conversation takes nothing new, or nil.
local function conversation_refusal(conversation, base_revision_id)
  if not exists(conversation) then return {'not-found'} end
  local unfinished = field(conversation, 'unfinished_edit_id')
  if unfinished then return {'edit-in-progress', unfinished} end
  if redis.call('HEXISTS', conversation .. ':revisions', base_revision_id) == 0 then return {'not-found'} end
  return nil
end

-- The next turn starts from this revision, and everybody who listens learns it.
local function set_head(tenant, id, revision_id)
  redis.call('HSET', conversation_key(tenant, id), 'head_revision_id', revision_id)
  local version = touch_conversation(tenant, id)
  emit(tenant, id, 'head.moved', '{"revision_id":"' .. revision_id .. '","version":' .. text(version) .. '}')
end

-- Record, indexes, pictures in use, outbox, event: an edit comes into being.
local function accept_edit(tenant, edit, turn)
  local record, user = edit_key(tenant, edit.id), edit.conversation_id or edit.id
  edit.status, edit.created_at, edit.attempt, edit.fence, edit.step, edit.turn = 'queued', text(now), '0', '0', '0', turn
  find_place(tenant, edit)
  write(record, edit)
  redis.call('ZADD', key(tenant, 'edits', 'all'), text(now), edit.id)
  redis.call('ZADD', key(tenant, 'edits', 'queued'), text(now), edit.id)
  redis.call('ZADD', QUEUED, text(now), edit.id)
  redis.call('ZADD', LINE, edit.place, edit.id)
  redis.call('ZADD', OPEN, text(now), edit.id)
  redis.call('HSET', TENANTS, edit.id, tenant)
  use_image(tenant, user, edit.source_image_id)
  if edit.mask_image_id then use_image(tenant, user, edit.mask_image_id) end
  if edit.conversation_id then
    local conversation = conversation_key(tenant, edit.conversation_id)
    redis.call('SADD', conversation .. ':edits', edit.id)
    redis.call('HSET', conversation, 'unfinished_edit_id', edit.id)
  end
  send(edit.id)
  emit(tenant, user, 'edit.queued', '{"edit_id":"' .. edit.id .. '","attempt":0}')
end

-- Whether the claim with this fence still holds.
local function holds(edit, fence)
  return field(edit, 'status') == 'running' and field(edit, 'fence') == fence
end
