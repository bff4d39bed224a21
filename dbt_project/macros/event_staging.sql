{#- The staging models whose rows happen on a day in a store: what the touched days are found from. -#}
{% macro event_staging_models() %}
    {{ return([
        'stg_shopify__order_lines', 'stg_shopify__sales', 'stg_shopify__visitors', 'stg_webshop__order_lines',
        'stg_meta_ads__campaigns', 'stg_google_ads__campaigns', 'stg_google_ads__campaign_periods',
        'stg_google_ads__search_keywords', 'stg_google_ads__search_terms', 'stg_pinterest_ads__ad_groups',
        'stg_amazon_ads__search_terms', 'stg_amazon__listing_traffic', 'stg_amazon__store_traffic',
        'stg_amazon__settlement_amounts', 'stg_amazon__settlement_amounts_flat', 'stg_ga4__pages',
        'stg_shapes__orders', 'stg_shapes__traffic', 'stg_shapes__ads', 'stg_shapes__tickets', 'stg_shapes__shipments',
        'stg_shapes__returns',
    ]) }}
{% endmacro %}
