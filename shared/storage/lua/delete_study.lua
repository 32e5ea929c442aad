-- What its owner wants gone goes at once.
if not exists(study_key(args.tenant, args.study_id)) then return {'not-found'} end
delete_study(args.tenant, args.study_id)
return {'ok'}
