-- One row per store and customer with an order, in any version, on a touched day: whose purchase history is made anew.
{{ config(indexes=[{'columns': ['store_id', 'customer_key'], 'unique': true}]) }}

{% for model in ['stg_shopify__order_lines', 'stg_webshop__order_lines'] %}
select
    versions.store_id,
    versions.customer_key
from {{ ref(model) }} as versions
inner join {{ ref('int_touched_days') }} as touched
    on touched.store_id = versions.store_id and touched.business_date = versions.business_date
where versions.customer_key is not null
{% if not loop.last %}union{% endif %}
{% endfor %}
