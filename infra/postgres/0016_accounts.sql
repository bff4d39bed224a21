-- An account that a folder names is kept in one spelling, as the loader reads it now; where the same bytes count in both
-- spellings, the older load stays as it was.
update ops.load as l set account = new.account
from (
    select load_id, case
        when text ~ '^(act_)?[0-9][0-9 -]{6,}[0-9]$'
            then coalesce(nullif(ltrim(regexp_replace(text, '[^0-9]+', '', 'g'), '0'), ''), text)
        else text
    end as account
    from ops.load, lower(btrim(regexp_replace(normalize(account, nfkc), '\s+', ' ', 'g'))) as text
    where account <> ''
) as new
where new.load_id = l.load_id and new.account <> l.account and not exists (
    select from ops.load as other
    where other.file_sha256 = l.file_sha256 and other.store_id = l.store_id and other.load_id <> l.load_id
        and other.state = 'loaded' and l.state = 'loaded'
);

-- what a person has confirmed is not held again when it is read again
grant select on ops.load_release to tradewind_loader;
