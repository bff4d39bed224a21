-- What a file costs must not grow with the files that were loaded before it: the ledger is looked up by the bytes in any
-- state, by a path and what lies within it, and by the loads that name a row that goes.
create index load_by_bytes on ops.load (file_sha256);
drop index ops.load_by_path;
-- the operators of patterns find what starts with a path in any collation, and equal paths too
create index load_by_path on ops.load (file_path text_pattern_ops, load_id);
create index load_by_duplicate_of on ops.load (duplicate_of) where duplicate_of is not null;
create index load_by_superseded_by on ops.load (superseded_by) where superseded_by is not null;
