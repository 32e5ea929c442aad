-- A worker gives an edit back, unharmed; the attempt does not count unless it says so.
local tenant, edit_id = args.tenant, args.edit_id
local edit = edit_key(tenant, edit_id)
if not holds(edit, args.fence) then return {'ok', 'fenced'} end
if args.count_attempt == '0' then redis.call('HINCRBY', edit, 'attempt', -1) end
requeue(tenant, edit_id, args.max_attempts, args.poison)
return {'ok', 'ok'}
