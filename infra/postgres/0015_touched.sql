-- What a build makes anew, model by model, until it is published: each model writes down its own before it is made.
create table intermediate.touched (
    model text not null,
    store_id text not null,
    business_date date not null,
    customer_key text,
    unique nulls not distinct (model, store_id, business_date, customer_key)
);
comment on table intermediate.touched is 'One row per model, store and day (and customer, where a model is made by customer) whose rows may have changed since the last publication.';

-- Of what holds for a while: rates, costs, who is in charge of what. No store means every store.
create table intermediate.touched_span (
    model text not null,
    store_id text,
    first_date date not null,
    last_date date not null,
    unique nulls not distinct (model, store_id, first_date, last_date)
);
comment on table intermediate.touched_span is 'One row per model, store and span of days in which what it says has changed since the last publication.';

alter table intermediate.touched owner to tradewind_builder;
alter table intermediate.touched_span owner to tradewind_builder;
grant select, delete on intermediate.touched, intermediate.touched_span to tradewind_publisher;
