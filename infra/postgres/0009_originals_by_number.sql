-- A pseudonym is a number of 128 bits: half the bytes of its digits, and compared at once where a text is not.
alter table personal.original alter column pseudonym type uuid using pseudonym::uuid;

create or replace function personal.count_originals(pseudonyms text[]) returns bigint
language sql stable security definer
set search_path = pg_catalog
as $$
    select count(*) from personal.original as o where o.pseudonym = any(pseudonyms::uuid[])
$$;

create or replace function personal.erase_originals(pseudonyms text[]) returns bigint
language sql volatile security definer
set search_path = pg_catalog
as $$
    with gone as (
        delete from personal.original as o where o.pseudonym = any(pseudonyms::uuid[]) returning 1
    )

    select count(*) from gone
$$;
