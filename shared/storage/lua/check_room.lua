-- Whether this tenant may have one more edit now; only accepting one tells for sure.
return room_refusal(args.tenant) or {'ok'}
