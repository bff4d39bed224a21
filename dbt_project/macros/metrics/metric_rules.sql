{#- The rules of the live metrics; written by `make metrics` from dbt_project/metrics: change it there.
    sources        what a post counts, an event model and a credit each: what rows add to columns
    rules          what stands in which columns of the wide fact
    contributions  what a row of an event model adds to which rule -#}
{% macro metric_rules() %}
{%- set rules -%}
network_promotion:
  sources:
  - name: ad_activity_of_owner
    model: fct_ad_activity
    counted: is_counted
    object_type: '''campaign'''
    object_id: campaign_name
    terms:
    - column: attributed_sales_platform_claimed
      where: conversion_value_amount_reporting is not null
      numerator: conversion_value_amount_reporting
    - column: return_on_investment_roi
      where: (attributed_gross_profit_amount_reporting - spend_amount_reporting) is not null and spend_amount_reporting
        is not null
      numerator: attributed_gross_profit_amount_reporting - spend_amount_reporting
      denominator: spend_amount_reporting
    - column: return_on_investment_roas
      where: conversion_value_amount_reporting is not null and spend_amount_reporting is not null
      numerator: conversion_value_amount_reporting
      denominator: spend_amount_reporting
    - column: click_through_rate_link_clicks
      where: click_count is not null and impression_count is not null
      numerator: click_count
      denominator: impression_count
    - column: conversion_rate_per_click
      where: conversion_quantity is not null and click_count is not null
      numerator: conversion_quantity
      denominator: click_count
  - name: web_traffic_of_store
    model: fct_web_traffic
    counted: is_counted
    object_type: '''store'''
    object_id: store_id
    terms:
    - column: page_views_paid_traffic
      where: is_paid_audience and page_view_count is not null
      numerator: page_view_count
    - column: page_views_all_traffic
      where: not is_paid_audience and page_view_count is not null
      numerator: page_view_count
    - column: unique_visitors_daily_visitors
      where: visitor_count is not null
      numerator: visitor_count
  rules:
  - metric: promo_attributed_sales
    code: platform_claimed
    column: attributed_sales_platform_claimed
    has_denominator: false
    is_money: true
    matures_after: 30
  - metric: promo_return_on_investment
    code: roi
    column: return_on_investment_roi
    has_denominator: true
    is_money: true
    matures_after: 30
  - metric: promo_return_on_investment
    code: roas
    column: return_on_investment_roas
    has_denominator: true
    is_money: true
    matures_after: 30
  - metric: promo_page_views
    code: paid_traffic
    column: page_views_paid_traffic
    has_denominator: false
    is_money: false
    matures_after: 0
  - metric: promo_page_views
    code: all_traffic
    column: page_views_all_traffic
    has_denominator: false
    is_money: false
    matures_after: 0
  - metric: promo_unique_visitors
    code: daily_visitors
    column: unique_visitors_daily_visitors
    has_denominator: false
    is_money: false
    matures_after: 0
  - metric: promo_click_through_rate
    code: link_clicks
    column: click_through_rate_link_clicks
    has_denominator: true
    is_money: false
    matures_after: 0
  - metric: promo_conversion_rate
    code: per_click
    column: conversion_rate_per_click
    has_denominator: true
    is_money: false
    matures_after: 30
  contributions:
  - metric: promo_attributed_sales
    code: platform_claimed
    model: fct_ad_activity
    where: is_counted and conversion_value_amount_reporting is not null
    numerator: conversion_value_amount_reporting
    has_denominator: false
    object_type: '''campaign'''
    object_id: campaign_name
    description: campaign_name
  - metric: promo_return_on_investment
    code: roi
    model: fct_ad_activity
    where: is_counted and (attributed_gross_profit_amount_reporting - spend_amount_reporting) is not null and spend_amount_reporting
      is not null
    numerator: attributed_gross_profit_amount_reporting - spend_amount_reporting
    denominator: spend_amount_reporting
    has_denominator: true
    object_type: '''campaign'''
    object_id: campaign_name
    description: campaign_name
  - metric: promo_return_on_investment
    code: roas
    model: fct_ad_activity
    where: is_counted and conversion_value_amount_reporting is not null and spend_amount_reporting is not null
    numerator: conversion_value_amount_reporting
    denominator: spend_amount_reporting
    has_denominator: true
    object_type: '''campaign'''
    object_id: campaign_name
    description: campaign_name
  - metric: promo_page_views
    code: paid_traffic
    model: fct_web_traffic
    where: is_counted and is_paid_audience and page_view_count is not null
    numerator: page_view_count
    has_denominator: false
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: promo_page_views
    code: all_traffic
    model: fct_web_traffic
    where: is_counted and not is_paid_audience and page_view_count is not null
    numerator: page_view_count
    has_denominator: false
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: promo_unique_visitors
    code: daily_visitors
    model: fct_web_traffic
    where: is_counted and visitor_count is not null
    numerator: visitor_count
    has_denominator: false
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: promo_click_through_rate
    code: link_clicks
    model: fct_ad_activity
    where: is_counted and click_count is not null and impression_count is not null
    numerator: click_count
    denominator: impression_count
    has_denominator: true
    object_type: '''campaign'''
    object_id: campaign_name
    description: campaign_name
  - metric: promo_conversion_rate
    code: per_click
    model: fct_ad_activity
    where: is_counted and conversion_quantity is not null and click_count is not null
    numerator: conversion_quantity
    denominator: click_count
    has_denominator: true
    object_type: '''campaign'''
    object_id: campaign_name
    description: campaign_name
site_operation:
  sources:
  - name: sales_line_of_owner
    model: fct_sales_line
    counted: is_counted
    object_type: owner_object_type
    object_id: owner_object_id
    terms:
    - column: gross_merchandise_value_gross_sales
      where: is_sale and gross_amount_reporting is not null
      numerator: gross_amount_reporting
    - column: gross_merchandise_value_paid_sales
      where: is_sale and is_paid and gross_amount_reporting is not null
      numerator: gross_amount_reporting
  - name: ad_activity_of_store
    model: fct_ad_activity
    counted: is_counted
    object_type: '''store'''
    object_id: store_id
    terms:
    - column: click_through_rate_paid
      where: click_count is not null and impression_count is not null
      numerator: click_count
      denominator: impression_count
    - column: impressions_paid
      where: impression_count is not null
      numerator: impression_count
    - column: return_on_investment_roi
      where: has_product_costs and (-spend_amount_reporting) is not null and spend_amount_reporting is not null
      numerator: -spend_amount_reporting
      denominator: spend_amount_reporting
  - name: sales_line_of_store
    model: fct_sales_line
    counted: is_counted
    object_type: '''store'''
    object_id: store_id
    terms:
    - column: conversion_rate_shopify_session
      where: platform = 'shopify' and has_sessions and order_count > 0 and order_count is not null
      numerator: order_count
    - column: return_on_investment_roi
      where: gross_profit_amount_reporting is not null
      numerator: gross_profit_amount_reporting
  - name: web_traffic_of_store
    model: fct_web_traffic
    counted: is_counted
    object_type: '''store'''
    object_id: store_id
    terms:
    - column: conversion_rate_shopify_session
      where: platform = 'shopify' and session_count is not null
      denominator: session_count
    - column: conversion_rate_amazon_session
      where: platform = 'amazon' and order_item_count is not null and session_count is not null
      numerator: order_item_count
      denominator: session_count
    - column: conversion_rate_amazon_unit_session
      where: platform = 'amazon' and unit_count is not null and session_count is not null
      numerator: unit_count
      denominator: session_count
  - name: store_fee_of_store
    model: fct_store_fee
    counted: is_counted
    object_type: '''store'''
    object_id: store_id
    terms:
    - column: return_on_investment_roi
      where: has_product_costs and (-fee_amount_reporting) is not null and fee_amount_reporting is not null
      numerator: -fee_amount_reporting
      denominator: fee_amount_reporting
  - name: customer_repurchase_of_store_by_day
    model: fct_customer_repurchase
    counted: 'true'
    object_type: '''store'''
    object_id: store_id
    until: last_date
    by_day: int_repurchases_daily
    terms:
    - column: repeat_purchase_rate_window_90d
      where: 'true'
      numerator: previous_date
      denominator: business_date
      window: 90
    - column: repeat_purchase_rate_window_180d
      where: 'true'
      numerator: previous_date
      denominator: business_date
      window: 180
    - column: repeat_purchase_rate_window_365d
      where: 'true'
      numerator: previous_date
      denominator: business_date
      window: 365
  rules:
  - metric: ops_gross_merchandise_value
    code: gross_sales
    column: gross_merchandise_value_gross_sales
    has_denominator: false
    is_money: true
    matures_after: 0
  - metric: ops_gross_merchandise_value
    code: paid_sales
    column: gross_merchandise_value_paid_sales
    has_denominator: false
    is_money: true
    matures_after: 0
  - metric: ops_click_through_rate
    code: paid
    column: click_through_rate_paid
    has_denominator: true
    is_money: false
    matures_after: 0
  - metric: ops_conversion_rate
    code: shopify_session
    column: conversion_rate_shopify_session
    has_denominator: true
    is_money: false
    matures_after: 0
  - metric: ops_conversion_rate
    code: amazon_session
    column: conversion_rate_amazon_session
    has_denominator: true
    is_money: false
    matures_after: 0
  - metric: ops_conversion_rate
    code: amazon_unit_session
    column: conversion_rate_amazon_unit_session
    has_denominator: true
    is_money: false
    matures_after: 0
  - metric: ops_impressions
    code: paid
    column: impressions_paid
    has_denominator: false
    is_money: false
    matures_after: 0
  - metric: ops_return_on_investment
    code: roi
    column: return_on_investment_roi
    has_denominator: true
    is_money: true
    matures_after: 14
  - metric: ops_repeat_purchase_rate
    code: window_90d
    column: repeat_purchase_rate_window_90d
    has_denominator: true
    is_money: false
    matures_after: 0
    window: 90
    until: last_date
    by_day: int_repurchases_daily
  - metric: ops_repeat_purchase_rate
    code: window_180d
    column: repeat_purchase_rate_window_180d
    has_denominator: true
    is_money: false
    matures_after: 0
    window: 180
    until: last_date
    by_day: int_repurchases_daily
  - metric: ops_repeat_purchase_rate
    code: window_365d
    column: repeat_purchase_rate_window_365d
    has_denominator: true
    is_money: false
    matures_after: 0
    window: 365
    until: last_date
    by_day: int_repurchases_daily
  contributions:
  - metric: ops_gross_merchandise_value
    code: gross_sales
    model: fct_sales_line
    where: is_counted and is_sale and gross_amount_reporting is not null
    numerator: gross_amount_reporting
    has_denominator: false
    object_type: owner_object_type
    object_id: owner_object_id
    description: coalesce(order_id, product_name, sku)
  - metric: ops_gross_merchandise_value
    code: paid_sales
    model: fct_sales_line
    where: is_counted and is_sale and is_paid and gross_amount_reporting is not null
    numerator: gross_amount_reporting
    has_denominator: false
    object_type: owner_object_type
    object_id: owner_object_id
    description: coalesce(order_id, product_name, sku)
  - metric: ops_click_through_rate
    code: paid
    model: fct_ad_activity
    where: is_counted and click_count is not null and impression_count is not null
    numerator: click_count
    denominator: impression_count
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: campaign_name
  - metric: ops_conversion_rate
    code: shopify_session
    model: fct_sales_line
    where: is_counted and platform = 'shopify' and has_sessions and order_count > 0 and order_count is not null
    numerator: order_count
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: coalesce(order_id, product_name, sku)
  - metric: ops_conversion_rate
    code: shopify_session
    model: fct_web_traffic
    where: is_counted and platform = 'shopify' and session_count is not null
    denominator: session_count
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: ops_conversion_rate
    code: amazon_session
    model: fct_web_traffic
    where: is_counted and platform = 'amazon' and order_item_count is not null and session_count is not null
    numerator: order_item_count
    denominator: session_count
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: ops_conversion_rate
    code: amazon_unit_session
    model: fct_web_traffic
    where: is_counted and platform = 'amazon' and unit_count is not null and session_count is not null
    numerator: unit_count
    denominator: session_count
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: page
  - metric: ops_impressions
    code: paid
    model: fct_ad_activity
    where: is_counted and impression_count is not null
    numerator: impression_count
    has_denominator: false
    object_type: '''store'''
    object_id: store_id
    description: campaign_name
  - metric: ops_return_on_investment
    code: roi
    model: fct_sales_line
    where: is_counted and gross_profit_amount_reporting is not null
    numerator: gross_profit_amount_reporting
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: coalesce(order_id, product_name, sku)
  - metric: ops_return_on_investment
    code: roi
    model: fct_ad_activity
    where: is_counted and has_product_costs and (-spend_amount_reporting) is not null and spend_amount_reporting
      is not null
    numerator: -spend_amount_reporting
    denominator: spend_amount_reporting
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: campaign_name
  - metric: ops_return_on_investment
    code: roi
    model: fct_store_fee
    where: is_counted and has_product_costs and (-fee_amount_reporting) is not null and fee_amount_reporting is
      not null
    numerator: -fee_amount_reporting
    denominator: fee_amount_reporting
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: fee_type
  - metric: ops_repeat_purchase_rate
    code: window_90d
    model: fct_customer_repurchase
    where: 'true'
    numerator: previous_date
    denominator: business_date
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: '''customer '' || substring(customer_key, 1, 12)'
    window: 90
    until: last_date
    by_day: int_repurchases_daily
  - metric: ops_repeat_purchase_rate
    code: window_180d
    model: fct_customer_repurchase
    where: 'true'
    numerator: previous_date
    denominator: business_date
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: '''customer '' || substring(customer_key, 1, 12)'
    window: 180
    until: last_date
    by_day: int_repurchases_daily
  - metric: ops_repeat_purchase_rate
    code: window_365d
    model: fct_customer_repurchase
    where: 'true'
    numerator: previous_date
    denominator: business_date
    has_denominator: true
    object_type: '''store'''
    object_id: store_id
    description: '''customer '' || substring(customer_key, 1, 12)'
    window: 365
    until: last_date
    by_day: int_repurchases_daily
{%- endset -%}
{{ return(fromyaml(rules)) }}
{% endmacro %}
