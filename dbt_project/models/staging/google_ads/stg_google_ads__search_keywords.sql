-- One row per keyword and period: a breakdown of the campaign report, never added to it.
{{ ads_report(
    'google_ads', 'google_ads_search_keyword', period=file_period(),
    accounts=['account_id', 'account_name'],
    key=['cells.campaign', 'cells.ad_group', 'cells.keyword', 'cells.match_type'],
    campaign='cells.campaign', ad_group='cells.ad_group', more={'keyword': 'cells.keyword'},
    impressions='cells.impr', clicks='cells.clicks', conversions='cells.conversions', spend='cells.cost',
    conversion_value='cells.conv_value', currency='cells.currency_code'
) }}
