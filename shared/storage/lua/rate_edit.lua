-- What a person thinks of an edit that made a picture.
local edit = edit_key(args.tenant, args.edit_id)
if not exists(edit) then return {'not-found'} end
if field(edit, 'status') ~= 'succeeded' then return {'edit-not-finished'} end
redis.call('HSET', edit, 'rating', args.rating)
redis.call('ZADD', key(args.tenant, 'edits', 'rated'), text(now), args.edit_id)
return {'ok'}
