-- Register a picture whose bytes are stored already.
local tenant, image = args.tenant, args.image
local refusal = operation_refusal(tenant)
if refusal then return refusal end
write_image(tenant, image)
if redis.call('SCARD', key(tenant, 'image', image.id, 'users')) == 0 then
  redis.call('ZADD', IDLE_IMAGES, text(now), owned(tenant, image.id))
end
note_operation(tenant, image.id)
return {'ok'}
