-- One row per search term and period: a breakdown of the campaign report, never added to it.
{{ ads_report(
    'google_ads', 'google_ads_search_term', period=file_period(),
    accounts=['account_id', 'account_name'],
    key=['cells.campaign', 'cells.ad_group', 'cells.search_term', 'cells.match_type'],
    campaign='cells.campaign', campaign_type='cells.campaign_type', ad_group='cells.ad_group',
    more={'search_term': 'cells.search_term'},
    impressions='cells.impr', clicks='cells.clicks', conversions='cells.conversions', spend='cells.cost',
    conversion_value='cells.conv_value', currency='cells.currency_code'
) }}
