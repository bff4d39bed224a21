{#- The one definition of every live metric. For each post:
    events    the event models it counts. `owner`: SQL giving the object whose owners are credited. `measures`: SQL of
              what an event adds, multiplied by the owner's share; `counts`: SQL that is 1 where an event takes part in
              a metric, else NULL, never shared out. `unknown`: SQL of the events whose measure is not known: then that of
              their store's day is not. `daily` names a model that has a store's days summed up already.
    metrics   numerator and denominator as sums of measures with factors; `events`: the counts whose events take part;
              `code`: definition_code; `platform`: only there; `mature`: SQL over the wide fact; `money`: in the
              reporting currency.
    A measure belongs to one event model, so a metric may draw on several and still be a sum of contributions. What is
    not known is not none: both sides of a rate take in the same events, those that know both. -#}
{% macro metric_definitions() %}
{%- set definitions -%}
network_promotion:
  events:
    ads:
      model: fct_ad_activity
      where: events.is_counted
      owner: {type: "'campaign'", id: events.campaign_name}
      description: events.campaign_name
      measures:
        claimed_sales_amount_reporting: events.conversion_value_amount_reporting
        attributed_gross_profit_amount_reporting: >-
          case when events.spend_amount_reporting is not null then events.attributed_gross_profit_amount_reporting end
        roi_spend_amount_reporting: >-
          case when events.attributed_gross_profit_amount_reporting is not null then events.spend_amount_reporting end
        spend_amount_reporting: events.spend_amount_reporting
        roas_claimed_sales_amount_reporting: >-
          case when events.spend_amount_reporting is not null then events.conversion_value_amount_reporting end
        impression_count: case when events.click_count is not null then events.impression_count end
        click_count: case when events.impression_count is not null then events.click_count end
        conversion_click_count: case when events.conversion_quantity is not null then events.click_count end
        conversion_quantity: case when events.click_count is not null then events.conversion_quantity end
      counts:
        claimed_sales_event_count: case when events.conversion_value_amount_reporting is not null then 1 end
        roi_event_count: >-
          case when events.attributed_gross_profit_amount_reporting is not null
          and events.spend_amount_reporting is not null then 1 end
        spend_event_count: case when events.spend_amount_reporting is not null then 1 end
        impression_event_count: >-
          case when events.impression_count is not null and events.click_count is not null then 1 end
        click_event_count: >-
          case when events.click_count is not null and events.conversion_quantity is not null then 1 end
    traffic:
      model: fct_web_traffic
      where: events.is_counted
      owner: {type: "'store'", id: events.store_id}
      description: events.page
      measures:
        paid_page_view_count: case when events.is_paid_audience then events.page_view_count end
        all_page_view_count: case when not events.is_paid_audience then events.page_view_count end
        visitor_count: events.visitor_count
      counts:
        paid_page_view_event_count: case when events.is_paid_audience and events.page_view_count is not null then 1 end
        all_page_view_event_count: >-
          case when not events.is_paid_audience and events.page_view_count is not null then 1 end
        visitor_event_count: case when events.visitor_count is not null then 1 end
  metrics:
    - {metric: promo_attributed_sales, code: platform_claimed, numerator: {claimed_sales_amount_reporting: 1},
       events: [claimed_sales_event_count], money: true}
    - {metric: promo_return_on_investment, code: roi,
       numerator: {attributed_gross_profit_amount_reporting: 1, roi_spend_amount_reporting: -1},
       denominator: {roi_spend_amount_reporting: 1}, events: [roi_event_count], money: true}
    - {metric: promo_return_on_investment, code: roas, numerator: {roas_claimed_sales_amount_reporting: 1},
       denominator: {spend_amount_reporting: 1}, events: [spend_event_count], money: true}
    - {metric: promo_page_views, code: paid_traffic, numerator: {paid_page_view_count: 1},
       events: [paid_page_view_event_count]}
    - {metric: promo_page_views, code: all_traffic, numerator: {all_page_view_count: 1},
       events: [all_page_view_event_count]}
    - {metric: promo_unique_visitors, code: daily_visitors, numerator: {visitor_count: 1}, events: [visitor_event_count]}
    - {metric: promo_click_through_rate, code: link_clicks, numerator: {click_count: 1},
       denominator: {impression_count: 1}, events: [impression_event_count]}
    - {metric: promo_conversion_rate, code: per_click, numerator: {conversion_quantity: 1},
       denominator: {conversion_click_count: 1}, events: [click_event_count]}
site_operation:
  events:
    sales:
      model: fct_sales_line
      where: events.is_counted
      owner: {type: events.owner_object_type, id: events.owner_object_id}
      description: coalesce(events.order_id, events.product_name, events.sku)
      measures:
        gross_sales_amount_reporting: events.gross_amount_reporting
        paid_sales_amount_reporting: case when events.is_paid then events.gross_amount_reporting end
        refund_amount_reporting: events.refund_amount_reporting
        net_sales_amount_reporting: events.net_amount_reporting
        gross_profit_amount_reporting: events.gross_profit_amount_reporting
        order_count: events.order_count
        session_order_count: case when events.has_sessions then events.order_count end
      unknown:
        refund_amount_reporting: >-
          events.is_sale and events.gross_amount_reporting is not null and events.refund_amount_reporting is null
        net_sales_amount_reporting: >-
          events.is_sale and events.gross_amount_reporting is not null and events.net_amount_reporting is null
      counts:
        gross_sales_event_count: case when events.gross_amount_reporting is not null and events.is_sale then 1 end
        paid_sales_event_count: >-
          case when events.gross_amount_reporting is not null and events.is_sale and events.is_paid then 1 end
        gross_profit_event_count: case when events.gross_profit_amount_reporting is not null then 1 end
        session_order_event_count: case when events.has_sessions and events.order_count > 0 then 1 end
    ads:
      model: fct_ad_activity
      where: events.is_counted
      owner: {type: "'store'", id: events.store_id}
      description: events.campaign_name
      measures:
        ad_impression_count: events.impression_count
        ad_click_impression_count: case when events.click_count is not null then events.impression_count end
        ad_click_count: case when events.impression_count is not null then events.click_count end
        ad_spend_amount_reporting: case when events.has_product_costs then events.spend_amount_reporting end
      counts:
        ad_impression_event_count: case when events.impression_count is not null then 1 end
        ad_click_event_count: >-
          case when events.impression_count is not null and events.click_count is not null then 1 end
        ad_spend_event_count: >-
          case when events.has_product_costs and events.spend_amount_reporting is not null then 1 end
    fees:
      model: fct_store_fee
      where: events.is_counted
      owner: {type: "'store'", id: events.store_id}
      description: events.fee_type
      measures:
        platform_fee_amount_reporting: case when events.has_product_costs then events.fee_amount_reporting end
      counts:
        platform_fee_event_count: >-
          case when events.has_product_costs and events.fee_amount_reporting is not null then 1 end
    traffic:
      model: fct_web_traffic
      where: events.is_counted
      owner: {type: "'store'", id: events.store_id}
      description: events.page
      measures:
        session_count: events.session_count
        order_item_session_count: case when events.order_item_count is not null then events.session_count end
        unit_session_count: case when events.unit_count is not null then events.session_count end
        session_order_item_count: case when events.session_count is not null then events.order_item_count end
        session_unit_count: case when events.session_count is not null then events.unit_count end
      counts:
        session_event_count: case when events.session_count is not null then 1 end
        order_item_event_count: >-
          case when events.session_count is not null and events.order_item_count is not null then 1 end
        unit_event_count: case when events.session_count is not null and events.unit_count is not null then 1 end
    repurchases:
      model: fct_customer_repurchase
      daily: int_repurchases_daily
      where: days.date_day <= events.last_date
      date: days.date_day
      owner: {type: "'store'", id: events.store_id}
      description: "'customer ' || substring(events.customer_key, 1, 12)"
      measures:
        customer_count_90d: case when days.date_day < {{ add_days('events.business_date', 90) }} then 1 end
        repeat_customer_count_90d: case when days.date_day < {{ add_days('events.previous_date', 90) }} then 1 end
        customer_count_180d: case when days.date_day < {{ add_days('events.business_date', 180) }} then 1 end
        repeat_customer_count_180d: case when days.date_day < {{ add_days('events.previous_date', 180) }} then 1 end
        customer_count_365d: case when days.date_day < {{ add_days('events.business_date', 365) }} then 1 end
        repeat_customer_count_365d: case when days.date_day < {{ add_days('events.previous_date', 365) }} then 1 end
      counts:
        customer_event_count_90d: case when days.date_day < {{ add_days('events.business_date', 90) }} then 1 end
        customer_event_count_180d: case when days.date_day < {{ add_days('events.business_date', 180) }} then 1 end
        customer_event_count_365d: case when days.date_day < {{ add_days('events.business_date', 365) }} then 1 end
      daily_counts: [customer_count_90d, customer_count_180d, customer_count_365d]
      daily_facts: [purchase_history_day_count]
  metrics:
    - {metric: ops_gross_merchandise_value, code: gross_sales, numerator: {gross_sales_amount_reporting: 1},
       events: [gross_sales_event_count], money: true}
    - {metric: ops_gross_merchandise_value, code: paid_sales, numerator: {paid_sales_amount_reporting: 1},
       events: [paid_sales_event_count], money: true}
    - {metric: ops_click_through_rate, code: paid, numerator: {ad_click_count: 1},
       denominator: {ad_click_impression_count: 1}, events: [ad_click_event_count]}
    - {metric: ops_conversion_rate, code: shopify_session, platform: shopify, numerator: {session_order_count: 1},
       denominator: {session_count: 1}, events: [session_order_event_count, session_event_count]}
    - {metric: ops_conversion_rate, code: amazon_session, platform: amazon, numerator: {session_order_item_count: 1},
       denominator: {order_item_session_count: 1}, events: [order_item_event_count]}
    - {metric: ops_conversion_rate, code: amazon_unit_session, platform: amazon, numerator: {session_unit_count: 1},
       denominator: {unit_session_count: 1}, events: [unit_event_count]}
    - {metric: ops_impressions, code: paid, numerator: {ad_impression_count: 1}, events: [ad_impression_event_count]}
    - {metric: ops_return_on_investment, code: roi,
       numerator: {gross_profit_amount_reporting: 1, ad_spend_amount_reporting: -1, platform_fee_amount_reporting: -1},
       denominator: {ad_spend_amount_reporting: 1, platform_fee_amount_reporting: 1},
       events: [gross_profit_event_count, ad_spend_event_count, platform_fee_event_count], money: true}
    - {metric: ops_repeat_purchase_rate, code: window_90d, numerator: {repeat_customer_count_90d: 1},
       denominator: {customer_count_90d: 1}, events: [customer_event_count_90d], mature: purchase_history_day_count >= 90}
    - {metric: ops_repeat_purchase_rate, code: window_180d, numerator: {repeat_customer_count_180d: 1},
       denominator: {customer_count_180d: 1}, events: [customer_event_count_180d], mature: purchase_history_day_count >= 180}
    - {metric: ops_repeat_purchase_rate, code: window_365d, numerator: {repeat_customer_count_365d: 1},
       denominator: {customer_count_365d: 1}, events: [customer_event_count_365d], mature: purchase_history_day_count >= 365}
{%- endset -%}
{{ return(fromyaml(definitions)) }}
{% endmacro %}
