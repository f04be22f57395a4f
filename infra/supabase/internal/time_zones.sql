-- The names of the time zones that an admin can choose: those of the IANA, without the doubles that a system adds.
create function internal.time_zones() returns setof text
language plpgsql stable
as $$
begin
    return query
    select name from pg_timezone_names
    where name !~ '^(posix|right)/' and name not in ('posixrules', 'localtime', 'Factory');
end
$$;
