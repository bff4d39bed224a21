-- One row per keyword and period: a breakdown of the campaign report, never added to it.
{{ ads_report(
    'google_ads', 'google_ads_search_keyword', period=file_period(),
    accounts=['account_id', 'account_name'],
    key=['cells.campaign', 'cells.ad_group', 'cells.keyword', 'cells.match_type'],
    campaign='cells.campaign', ad_group='cells.ad_group', more={'keyword': read_text('cells.keyword')},
    impressions='impr', clicks='clicks', conversions='conversions', spend='cost',
    conversion_value='conv_value', currency='cells.currency_code'
) }}
