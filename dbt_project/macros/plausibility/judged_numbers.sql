{#- What is judged of the rows of each staging model, and by which bounds: the one place that says it.
    `report` is SQL; `numbers` give [kind, SQL over the model's columns]: an `amount` in the row's currency, `pieces`, or a
    `count`. Of `day` numbers, and of the records, a day may not lose more than a third by a newer file; `void` is SQL over a
    row for which such a number says nothing (a cancelled order has no amount). `cells` only have to be within the bounds. A
    number in `either` is judged only where its partner stands: what is sent back takes its pieces and its money along, and
    gross sales stay. `is_snapshot`: a newer file is of a newer day, and is held against the one before. `any_detail`: the
    records are not judged, since a day's numbers come by ad or by campaign, by page or by site, as whoever exports likes. -#}
{% macro judged_numbers() %}
    {%- set ads = {
        'any_detail': true,
        'day': {
            'spend_amount': ['amount', 'spend_amount'], 'impression_count': ['count', 'impression_count'],
            'click_count': ['count', 'click_count'],
        },
        'cells': {
            'conversion_value_amount': ['amount', 'conversion_value_amount'],
            'conversion_quantity': ['pieces', 'conversion_quantity'],
        },
    } -%}
    {%- set listings = {
        'day': {
            'gross_amount': ['amount', 'gross_amount'], 'unit_count': ['count', 'unit_count'],
            'session_count': ['count', 'session_count'], 'page_view_count': ['count', 'page_view_count'],
            'order_item_count': ['count', 'order_item_count'],
        },
    } -%}
    {%- set judged = {
        'stg_shopify__order_lines': {
            'report': "'shopify_orders'",
            'day': {
                'quantity': ['pieces', 'quantity'], 'gross_amount': ['amount', 'quantity * unit_price_amount'],
            },
            'void': 'coalesce(quantity * unit_price_amount, 0) <= 0',
            'cells': {
                'unit_price_amount': ['amount', 'unit_price_amount'],
                'discount_amount': ['amount', 'discount_amount'], 'refund_amount': ['amount', 'refund_amount'],
            },
        },
        'stg_webshop__order_lines': {
            'report': "'online_retail'",
            'day': {
                'quantity': ['pieces', 'quantity'], 'gross_amount': ['amount', 'quantity * unit_price_amount'],
            },
            'void': 'coalesce(quantity * unit_price_amount, 0) <= 0',
            'cells': {'unit_price_amount': ['amount', 'unit_price_amount']},
        },
        'stg_shapes__orders': {
            'report': 'report',
            'day': {
                'quantity': ['pieces', 'quantity'],
                'gross_amount': ['amount', 'coalesce(gross_amount, quantity * unit_price_amount)'],
            },
            'void': 'coalesce(is_cancelled, false) or coalesce(gross_amount, quantity * unit_price_amount, 0) <= 0',
            'cells': {
                'unit_price_amount': ['amount', 'unit_price_amount'],
                'discount_amount': ['amount', 'discount_amount'], 'refund_amount': ['amount', 'refund_amount'],
            },
        },
        'stg_shopify__sales': {
            'report': "'shopify_sales_by_variant'",
            'day': {
                'gross_amount': ['amount', 'gross_amount'], 'order_count': ['count', 'order_count'],
                'net_amount': [
                    'amount',
                    'case when return_amount is null then net_amount'
                    ~ ' else coalesce(gross_amount - discount_amount, net_amount + return_amount) end',
                ],
                'net_item_quantity': [
                    'pieces', 'net_item_quantity', 'coalesce(return_amount, 0) <> 0',
                ],
            },
            'either': {'net_amount': 'net_item_quantity', 'net_item_quantity': 'net_amount'},
            'cells': {
                'discount_amount': ['amount', 'discount_amount'], 'return_amount': ['amount', 'return_amount'],
            },
        },
        'stg_shopify__visitors': {
            'report': "'shopify_visitors'",
            'day': {'session_count': ['count', 'session_count'], 'visitor_count': ['count', 'visitor_count']},
        },
        'stg_amazon__listing_traffic': dict(listings, report="'amazon_business_report_asin'"),
        'stg_amazon__store_traffic': dict(listings, report="'amazon_business_report_by_date'"),
        'stg_amazon__settlement_amounts': {
            'report': "'amazon_settlement'", 'cells': {'fee_amount': ['amount', 'fee_amount']},
        },
        'stg_amazon__settlement_amounts_flat': {
            'report': "'amazon_settlement_v2'", 'cells': {'fee_amount': ['amount', 'fee_amount']},
        },
        'stg_ga4__pages': {
            'report': "'ga4_pages'",
            'any_detail': true,
            'day': {'page_view_count': ['count', 'page_view_count']},
            'cells': {'session_count': ['count', 'session_count'], 'revenue_amount': ['amount', 'revenue_amount']},
        },
        'stg_meta_ads__campaigns': dict(ads, report="'meta_ads_campaign_daily'"),
        'stg_google_ads__campaigns': dict(ads, report="'google_ads_campaign_daily'"),
        'stg_google_ads__campaign_periods': dict(ads, report="'google_ads_campaign_period'"),
        'stg_google_ads__search_keywords': dict(ads, report="'google_ads_search_keyword'"),
        'stg_google_ads__search_terms': dict(ads, report="'google_ads_search_term'"),
        'stg_pinterest_ads__ad_groups': dict(ads, report="'pinterest_ads_daily'"),
        'stg_amazon_ads__search_terms': dict(ads, report="'amazon_ads_search_term'"),
        'stg_shapes__ads': dict(ads, report='report'),
        'stg_shapes__traffic': {
            'report': 'report',
            'any_detail': true,
            'day': {
                'session_count': ['count', 'session_count'], 'page_view_count': ['count', 'page_view_count'],
                'order_item_count': ['count', 'order_item_count'], 'unit_count': ['count', 'unit_count'],
            },
            'cells': {'visitor_count': ['count', 'visitor_count']},
        },
        'stg_shapes__tickets': {'report': 'report', 'cells': {'reply_count': ['count', 'reply_count']}},
        'stg_shapes__stock': {
            'report': 'report', 'is_snapshot': true,
            'cells': {
                'on_hand_quantity': ['pieces', 'on_hand_quantity'], 'available_quantity': ['pieces', 'available_quantity'],
                'reserved_quantity': ['pieces', 'reserved_quantity'], 'inbound_quantity': ['pieces', 'inbound_quantity'],
                'unsellable_quantity': ['pieces', 'unsellable_quantity'],
            },
        },
        'stg_shapes__stock_movements': {'report': 'report', 'day': {}, 'cells': {'quantity': ['pieces', 'quantity']}},
        'stg_shapes__returns': {
            'report': 'report',
            'cells': {'quantity': ['pieces', 'quantity'], 'refund_amount': ['amount', 'refund_amount']},
        },
        'stg_shapes__shipments': {'report': 'report', 'cells': {'cost_amount': ['amount', 'cost_amount']}},
        'stg_shapes__payments': {
            'report': 'report',
            'cells': {'gross_amount': ['amount', 'gross_amount'], 'fee_amount': ['amount', 'fee_amount']},
        },
        'stg_shapes__disputes': {'report': 'report', 'cells': {'disputed_amount': ['amount', 'disputed_amount']}},
        'stg_shapes__reviews': {'report': 'report'},
        'stg_shapes__tasks': {'report': 'report'},
    } -%}
    {{ return(judged) }}
{% endmacro %}

{#- Of those the models of which the running build has loads: the others say nothing new. All of them while parsing, and in a
    recording, where `of_pending(judged_source(…))` marks what each adds. -#}
{% macro pending_judged_numbers() %}
    {%- set judged = judged_numbers() -%}
    {%- if not execute or is_recording() -%}{{ return(judged) }}{%- endif -%}
    {%- set found = run_query(
        "select r.report, " ~ json_text('r.contract', 'shape') ~ " as shape from " ~ source('ops', 'report') ~ " as r"
        ~ " where r.report in (select scope.report from " ~ source('ops', 'build_scope') ~ " as scope)"
    ) -%}
    {%- set names = [] -%}
    {%- for row in found.rows -%}
        {%- do names.append("'" ~ row[0] ~ "'") -%}
        {%- if row[1] -%}{%- do names.append('stg_shapes__' ~ row[1]) -%}{%- endif -%}
    {%- endfor -%}
    {%- set pending = {} -%}
    {%- for model, rows in judged.items() if model in names or rows.report in names -%}
        {%- do pending.update({model: rows}) -%}
    {%- endfor -%}
    {{ return(pending) }}
{% endmacro %}

{#- The report of a judged model, or, of a shape's, its own name. -#}
{% macro judged_source(model, rows) -%}
    {{ model if rows.report == 'report' else rows.report | replace("'", '') }}
{%- endmacro %}

{#- The currency of a judged model's rows; a report of visits alone has none. -#}
{% macro judged_currency(model, alias) -%}
    {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if model == 'stg_shopify__visitors' else alias ~ '.currency' }}
{%- endmacro %}

{#- Which rows of a judged model are rows of what it is about. -#}
{% macro judged_where(model, alias) -%}
    {{ alias ~ '.is_of_shape' if model.startswith('stg_shapes__') else '1 = 1' }}
{%- endmacro %}

{#- The reports of which a key names one row: of several of a key in one file one counts. -#}
{% macro row_reports() %}
    {%- if not execute -%}{{ return(['']) }}{%- endif -%}
    {%- set found = run_query(
        "select r.report from " ~ source('ops', 'report') ~ " as r where " ~ json_text('r.contract', 'latest_by')
        ~ " is not null order by 1"
    ) -%}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}
