-- A picture that was kept for something which did not come about; one that is in use stays.
drop_unused(args.tenant, args.image_id)
return {'ok'}
