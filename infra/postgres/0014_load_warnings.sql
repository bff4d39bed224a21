-- What is odd about a load that counts all the same, for a person to look at: codes with parameters, as of reasons.
alter table ops.load add column warnings jsonb not null default '[]';
comment on column ops.load.warnings is 'What is odd about the load though it counts, a list of {code, details, reason}: the same bytes or records under another store, an undeclared store, several sales channels.';
create index load_with_warnings on ops.load (load_id) where warnings <> '[]';

-- a run may end between a load and its warnings: the next one asks of what nobody has asked of yet
alter table ops.load add column warned_at timestamptz;
comment on column ops.load.warned_at is 'When it was last asked what is odd about the load; null before.';
create index load_not_asked on ops.load (load_id)
    where warned_at is null and state in ('loaded', 'held') and report is not null;
