-- One row per search term and period: a breakdown of the campaign report, never added to it.
{{ ads_report(
    'google_ads', 'google_ads_search_term', period=file_period(),
    accounts=['account_id', 'account_name'],
    key=['cells.campaign', 'cells.ad_group', 'cells.search_term', 'cells.match_type'],
    campaign='cells.campaign', campaign_type='cells.campaign_type', ad_group='cells.ad_group',
    more={'search_term': read_text('cells.search_term')},
    impressions='impr', clicks='clicks', conversions='conversions', spend='cost',
    conversion_value='conv_value', currency='cells.currency_code'
) }}
