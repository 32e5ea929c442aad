-- Register a picture whose bytes are stored already.
local tenant, image = args.tenant, args.image
local refusal = operation_refusal(tenant)
if refusal then return refusal end
write_image(tenant, image)
note_operation(tenant, image.id)
return {'ok'}
