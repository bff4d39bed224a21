-- One row per campaign and day.
{{ ads_report(
    'google_ads', 'google_ads_campaign_daily', key=['cells.campaign'], accounts=['account_id', 'account_name'],
    day=parse_date('cells.day'),
    campaign='cells.campaign', campaign_type='cells.campaign_type', ad_group='cells.ad_group',
    impressions='cells.impr', clicks='cells.clicks', conversions='cells.conversions', spend='cells.cost',
    conversion_value='cells.conv_value', currency='cells.currency_code'
) }}
