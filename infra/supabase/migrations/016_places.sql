-- Where a member acts, and whether Discord lets them take part. Takes a moment: no table has a column of this type, and
-- nobody waits. NULL is unknown, as with the release before, which sends none of these.
alter type internal.caller
    add attribute parent_ids text[], -- what the channel belongs to: of a thread its channel, then the category
    add attribute is_place_known boolean, -- false in a thread whose category nobody has asked Discord for yet
    add attribute is_pending boolean, -- the member has not accepted the server's rules
    add attribute timed_out_until timestamptz;
