-- The ledger of files: one row for every file offered, written in the same transaction as its rows.
create table ops.load (
    load_id bigint generated always as identity primary key,
    file_name text not null,
    file_path text not null,
    file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
    file_size bigint not null check (file_size >= 0),
    file_modified_at timestamptz not null,
    report text,
    state text not null check (state in ('loaded', 'refused', 'waiting', 'held', 'superseded', 'duplicate')),
    store_id text not null default 'unassigned',
    account text not null default '',
    extracted_at timestamptz,
    period_start date,
    period_end date,
    currency text check (currency ~ '^[A-Z]{3}$'),
    file_attributes jsonb not null default '{}',
    dialect jsonb not null default '{}',
    records_read bigint not null default 0,
    records_loaded bigint not null default 0,
    records_quarantined bigint not null default 0,
    records_ignored bigint not null default 0,
    reason_code text,
    reason text,
    reason_details jsonb not null default '{}',
    duplicate_of bigint references ops.load,
    superseded_by bigint references ops.load,
    contract_sha256 text,
    run_id text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    constraint every_record_is_accounted_for
        check (state in ('refused', 'waiting', 'duplicate')
            or records_read = records_loaded + records_quarantined),
    constraint a_refusal_says_why check (state <> 'refused' or reason_code is not null)
);
-- The same bytes are loaded once, whatever the file is called. Bytes that an older version of a file held may come
-- back; and where folders or names state store and days, equal bytes of two stores or two days are two files.
create unique index load_same_bytes_once on ops.load (file_sha256, store_id, account, period_start, period_end)
    nulls not distinct where state in ('loaded', 'held');
create index load_by_path on ops.load (file_path, load_id);
create index load_by_report on ops.load (report, load_id);

comment on table ops.load is 'One row per file offered for loading: what became of it, how many records it held, and why it was refused if it was.';
comment on column ops.load.state is 'loaded, refused (nothing of it was loaded, reason says why), waiting (not complete yet), held (loaded, not to be published), superseded (a newer version of the file replaced it), duplicate (the same bytes were loaded before).';
comment on column ops.load.store_id is 'Store the file belongs to, from a store=… folder, the file itself, or unassigned.';
comment on column ops.load.account is 'Account within the store (account=… folder), when a store has more than one on a platform.';
comment on column ops.load.extracted_at is 'When the platform made the file: from the file itself where the contract says so, else its modification time. Among rows of one business key the latest extract wins.';
comment on column ops.load.period_start is 'First day the file covers, where the file states it outside its rows.';
comment on column ops.load.file_attributes is 'Other facts the file states outside its rows (the audience of a GA4 report, for example).';
comment on column ops.load.dialect is 'Encoding, delimiter and sheet the file was read with.';
comment on column ops.load.records_ignored is 'Total rows, footers and blank lines that the contract says are no records.';

create table ops.quarantined_row (
    load_id bigint not null references ops.load,
    row_number bigint not null,
    column_name text,
    reason_code text not null,
    reason text not null,
    reason_details jsonb not null default '{}',
    raw_record bytea not null,
    quarantined_at timestamptz not null default clock_timestamp(),
    primary key (load_id, row_number)
);
comment on table ops.quarantined_row is 'One row per record that could not be loaded: why, and its bytes as they stood in the file.';
comment on column ops.quarantined_row.row_number is 'Number of the record in its file, counting from 1 behind the header.';
comment on column ops.quarantined_row.raw_record is 'The record as it stood in the file; may hold personal values, so readers of dashboards have no right to it.';

-- What each report''s columns are called in the file and which of them are personal; written from the contracts.
create table ops.report (
    report text primary key,
    platform text not null,
    title text not null,
    description text not null,
    contract jsonb not null,
    contract_sha256 text not null,
    updated_at timestamptz not null default clock_timestamp()
);
comment on table ops.report is 'One row per report type that can be loaded, with its contract as read from dags/tradewind/exports/contracts.';
