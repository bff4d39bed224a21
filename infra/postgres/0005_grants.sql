-- delete: a file that was waiting has its row no longer once something became of it
grant select, insert, update, delete on ops.load to tradewind_loader;
grant select, insert, delete on ops.quarantined_row to tradewind_loader;
grant select, insert, update, delete on ops.report to tradewind_loader;
grant select on ops.load, ops.report, ops.quarantined_row, ops.pending_load, ops.build_scope, ops.visible_load,
    ops.build, ops.build_load, ops.publication, ops.publication_load
    to tradewind_builder, tradewind_publisher;
grant insert, update on ops.build to tradewind_builder, tradewind_publisher;
grant insert on ops.build_load, ops.dbt_result, ops.gate_result to tradewind_builder, tradewind_publisher;
grant delete on ops.dbt_result, ops.gate_result to tradewind_builder;
grant select on ops.dbt_result, ops.gate_result to tradewind_builder, tradewind_publisher;
grant insert on ops.publication, ops.publication_load to tradewind_publisher, tradewind_builder;
-- raw bytes of a quarantined record may be personal: the reader gets every column but those
grant select (load_id, row_number, column_name, reason_code, reason, reason_details, quarantined_at)
    on ops.quarantined_row to tradewind_reader;
grant select on ops.load, ops.report, ops.build, ops.build_load, ops.dbt_result, ops.gate_result, ops.publication,
    ops.publication_load, ops.pending_load to tradewind_reader;
