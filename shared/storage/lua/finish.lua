-- The end of an edit, by the worker that holds it: record, pictures, revisions, head and event in one.
local tenant, edit_id, outcome = args.tenant, args.edit_id, args.outcome
local edit = edit_key(tenant, edit_id)
if not holds(edit, args.fence) then
  local same = field(edit, 'finished_fence') == args.fence and field(edit, 'status') == outcome
  return {'ok', same and 'replay' or 'fenced'}
end

local function hashes_of(images)
  local hashes = {}
  for _, image in ipairs(images) do hashes[#hashes + 1] = image.sha256 end
  return table.concat(hashes, ' ')
end

local function add_revisions(conversation_id, image_ids)
  local conversation = conversation_key(tenant, conversation_id)
  for index, revision_id in ipairs(args.revision_ids) do
    redis.call('HSET', conversation .. ':revisions', revision_id, cjson.encode({
      id = revision_id, parent_id = field(edit, 'base_revision_id'), image_id = image_ids[index],
      instruction = field(edit, 'instruction'), prior_instructions = field(edit, 'prior_instructions'), edit_id = edit_id,
      created_at = text(now + index - 1)}))
  end
  redis.call('HSET', edit, 'revision_ids', json_list(args.revision_ids))
  redis.call('HSET', conversation, 'head_revision_id', args.revision_ids[1])
end

local function succeed()
  local image_ids, conversation_id = {}, field(edit, 'conversation_id')
  for _, image in ipairs(args.images) do
    image_ids[#image_ids + 1] = image.id
    write_image(tenant, image)
    use_image(tenant, conversation_id or edit_id, image.id)
  end
  local hashes, rerun_of = hashes_of(args.images), field(edit, 'rerun_of')
  local first = rerun_of and field(edit_key(tenant, rerun_of), 'hashes')
  if first then redis.call('HSET', edit, 'identical', first == hashes and '1' or '0') end
  write(edit, {image_ids = json_list(image_ids), hashes = hashes, model = args.model, step = field(edit, 'steps')})
  local revision_ids = {}
  if conversation_id then
    add_revisions(conversation_id, image_ids)
    revision_ids = args.revision_ids
  end
  end_edit(tenant, edit_id, 'succeeded', '{"edit_id":"' .. edit_id .. '","image_ids":' .. json_list(image_ids) ..
    ',"revision_ids":' .. json_list(revision_ids) .. '}')
  if conversation_id then
    local version = field(conversation_key(tenant, conversation_id), 'version')
    emit(tenant, conversation_id, 'head.moved',
      '{"revision_id":"' .. revision_ids[1] .. '","version":' .. version .. '}')
  end
end

write(edit, {finished_fence = args.fence, timings = args.timings})
if outcome == 'succeeded' then
  succeed()
elseif outcome == 'failed' then
  fail_edit(tenant, edit_id, args.problem)
else
  cancel_edit(tenant, edit_id)
end
return {'ok', 'ok'}
