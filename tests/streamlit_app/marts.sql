-- The published tables with the columns that the pages read.
create table marts.dim_post (post_id text primary key, sort_order int, name_en text, name_zh text);
create table marts.dim_metric (
    metric_id text primary key, post_id text, sort_order int, name_en text, name_zh text, seed_wording text,
    base_measure text, kind text, meaning_en text, meaning_zh text, numerator_text text,
    denominator_text text, grain text, unit text, direction text, default_target_text text, edge_cases text,
    source_exports text, sources text, waiting_for_en text, waiting_for_zh text, is_implemented boolean,
    is_additive_across_platforms boolean, headline_definition_code text, min_denominator numeric,
    maturity_days integer, origin text
);
create table marts.dim_role (
    role_id text primary key, name_en text, name_zh text, role_type text, department text, post_id text
);
create table marts.dim_team (team_id text primary key, team_name text, post_id text);
create table marts.dim_employee (
    employee_id text primary key, employee_name text, role_id text, post_id text, team_id text, department text,
    country text, hired_on date, left_on date
);
create table marts.dim_store (
    store_id text primary key, store_name text, platform text, country text, timezone text, currency text,
    opened_on date, is_declared boolean
);
create table marts.dim_definition (
    definition_code text, metric_id text, name_en text, name_zh text, note_en text, note_zh text,
    unit text, parts_unit text, maturity_days bigint,
    primary key (metric_id, definition_code)
);
create table marts.dim_target (
    target_key text primary key, metric_id text, scope_type text, scope_id text, floor_value numeric,
    target_value numeric, stretch_value numeric, currency text, valid_from date, valid_to date, source text
);
create table marts.dim_exchange_rate (
    business_date date, currency text, reporting_currency text, rate_date date, rate numeric, source text
);
create table marts.fct_metric_daily (
    metric_id text, definition_code text, employee_id text, store_id text, platform text, business_date date,
    numerator numeric, denominator numeric, event_count bigint, currency text, matures_on date,
    primary key (metric_id, definition_code, employee_id, store_id, platform, business_date)
);
create table marts.fct_sales_country_daily (
    store_id text, platform text, country text, business_date date, currency text, gross_amount numeric,
    gross_amount_reporting numeric, refund_amount numeric, net_amount numeric, order_count bigint, line_count bigint
);
create table marts.fct_record_exclusion (
    load_id bigint, row_number bigint, report text, rule_code text, business_date date, store_id text
);
create table marts.fct_record_flag (
    load_id bigint, row_number bigint, report text, flag_code text, business_date date, store_id text
);
create table marts.metric_evidence (
    metric_id text, definition_code text, employee_id text, store_id text, platform text, business_date date,
    numerator numeric, denominator numeric, event_count bigint, event_model text, load_id bigint, row_number bigint,
    description text
);
