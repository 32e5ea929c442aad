-- What one person says of one pair; again is instead.
local tenant = args.tenant
local study = study_key(tenant, args.study_id)
if not exists(study) then return {'not-found'} end
local votes, member = study .. ':votes', args.pair .. ':' .. args.person
local is_new = redis.call('HEXISTS', votes, member) == 0
if is_new and redis.call('HLEN', votes) >= tonumber(args.most_votes) then return {'study-full', args.most_votes} end

redis.call('HSET', votes, member, args.vote)
if is_new then redis.call('HINCRBY', study .. ':counts', args.pair, 1) end
redis.call('ZADD', IDLE_STUDIES, text(now), owned(tenant, args.study_id))
return {'ok'}
