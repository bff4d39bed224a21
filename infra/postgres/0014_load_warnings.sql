-- What is odd about a load that counts all the same, for a person to look at: codes with parameters, as of reasons.
alter table ops.load add column warnings jsonb not null default '[]';
comment on column ops.load.warnings is 'What is odd about the load though it counts, a list of {code, details, reason}: the same bytes or records under another store, an undeclared store, several sales channels.';
create index load_with_warnings on ops.load (load_id) where warnings <> '[]';
