-- One row per search term and ad group for the days from period_start to period_end. A summary names the first and
-- the last day on which a term was seen, so a row of one day is a day only where all rows of its file are.
{{ ads_report(
    'amazon_ads', 'amazon_ads_search_term',
    key=[
        'cells.campaign_name', 'cells.ad_group_name', 'cells.targeting', 'cells.match_type', 'cells.customer_search_term'
    ],
    days=[['start_date'], ['end_date']],
    campaign='cells.campaign_name', campaign_type='cells.match_type', ad_group='cells.ad_group_name',
    more={'search_term': read_text('cells.customer_search_term')},
    impressions='impressions', clicks='clicks', conversions='seven_day_total_orders',
    spend='spend', conversion_value='seven_day_total_sales', currency='cells.currency'
) }}
