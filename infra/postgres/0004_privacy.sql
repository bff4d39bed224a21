-- Pseudonyms: HMAC-SHA256 with a key that only this function reads. Written with the server's own sha256(),
-- because pgcrypto is not everywhere.
create table private.pseudonym_key (
    is_only boolean primary key default true check (is_only),
    inner_pad bytea not null,
    outer_pad bytea not null
);
revoke all on private.pseudonym_key from public;

create function ops.pseudonym(value text) returns text
language sql stable strict parallel safe security definer
set search_path = pg_catalog
as $$
    select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(value, 'UTF8'))), 'hex')
    from private.pseudonym_key as k
$$;
revoke all on function ops.pseudonym(text) from public;
grant execute on function ops.pseudonym(text) to tradewind_builder, tradewind_loader;
comment on function ops.pseudonym(text) is 'Keyed HMAC-SHA256 of a personal value, as 64 hexadecimal digits.';

-- One raw row for the evidence view of the app, with every personal column masked.
create function ops.raw_record(wanted_load_id bigint, wanted_row_number bigint) returns jsonb
language plpgsql stable strict security definer
set search_path = pg_catalog
as $$
declare
    report_name text;
    personal text[];
    found_record jsonb;
begin
    select r.report,
        coalesce(
            (select array_agg(c.value ->> 'name')
                from jsonb_array_elements(r.contract -> 'columns') as c
                where (c.value ->> 'personal')::boolean),
            '{}'
        )
    into report_name, personal
    from ops.load as l
    inner join ops.report as r on r.report = l.report
    where l.load_id = wanted_load_id;
    if report_name is null then
        return null;
    end if;
    execute format('select to_jsonb(t) from raw.%I as t where load_id = $1 and row_number = $2', report_name)
    into found_record using wanted_load_id, wanted_row_number;
    return (
        select jsonb_object_agg(
            f.key, case when f.key = any(personal) and f.value <> 'null' then '"•••"'::jsonb else f.value end
        )
        from jsonb_each(found_record) as f
    );
end
$$;
revoke all on function ops.raw_record(bigint, bigint) from public;
grant execute on function ops.raw_record(bigint, bigint) to tradewind_reader;
comment on function ops.raw_record(bigint, bigint) is 'The raw row behind a number, personal columns masked.';
