-- Who may do what. Passwords are set by infra/stack/schema.py, never here.
-- raw holds personal cells as they came: only the loader and the builder read it.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'tradewind_loader', 'tradewind_builder', 'tradewind_publisher', 'tradewind_app'
    ] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
        end if;
    end loop;
    foreach role_name in array array['tradewind_reader', 'tradewind_analyst'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
    end loop;
end
$$;

grant tradewind_reader to tradewind_app, tradewind_analyst;
-- a group's statement_timeout does not reach its members, so it stands on the login
alter role tradewind_app set statement_timeout = '30s';
alter role tradewind_app set default_transaction_read_only = on;

-- on a server where the administrator is no superuser, it must be a member to give things away
grant tradewind_loader, tradewind_builder, tradewind_publisher to current_user;  -- noqa: PRS

revoke create on schema public from public;

create schema if not exists ops;
create schema if not exists private;
create schema if not exists raw authorization tradewind_loader;
create schema if not exists staging authorization tradewind_builder;
create schema if not exists intermediate authorization tradewind_builder;
create schema if not exists candidate authorization tradewind_builder;
create schema if not exists marts authorization tradewind_publisher;

grant usage on schema ops to tradewind_loader, tradewind_builder, tradewind_publisher, tradewind_reader;
grant usage on schema raw to tradewind_builder;
grant usage on schema staging, intermediate, candidate to tradewind_publisher;
grant usage on schema marts to tradewind_reader, tradewind_builder;

alter default privileges for role tradewind_loader in schema raw grant select on tables to tradewind_builder;
alter default privileges for role tradewind_builder in schema staging, intermediate, candidate
    grant select on tables to tradewind_publisher;
alter default privileges for role tradewind_publisher in schema marts
    grant select on tables to tradewind_reader, tradewind_builder;
