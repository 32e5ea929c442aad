-- A small picture of an unfinished edit.
local tenant, edit_id, image = args.tenant, args.edit_id, args.image
local edit = edit_key(tenant, edit_id)
if not holds(edit, args.fence) then return {'ok', 'fenced'} end
if exists(key(tenant, 'image', image.id)) then return {'ok', 'replay'} end

write_image(tenant, image)
use_image(tenant, stream_of(edit, edit_id), image.id)
emit(tenant, stream_of(edit, edit_id), 'edit.preview', '{"edit_id":"' .. edit_id .. '","step":' .. args.step ..
  ',"steps":' .. field(edit, 'steps') .. ',"image_id":"' .. image.id .. '","url":"' .. args.url .. '"}')
return {'ok', 'ok'}
