-- A study; it needs its pictures from now on.
local tenant, new = args.tenant, args.study
local study = study_key(tenant, new.id)
if exists(study) then return {'ok'} end
for _, image_id in ipairs(args.image_ids) do
  if not exists(key(tenant, 'image', image_id)) then return {'not-found'} end
end
local refusal = operation_refusal(tenant)
if refusal then return refusal end

new.created_at = text(now)
write(study, new)
redis.call('ZADD', key(tenant, 'studies'), text(now), new.id)
redis.call('ZADD', IDLE_STUDIES, text(now), owned(tenant, new.id))
for _, image_id in ipairs(args.image_ids) do use_image(tenant, new.id, image_id) end
note_operation(tenant, new.id)
return {'ok'}
