-- One row per campaign and day.
{{ ads_report(
    'google_ads', 'google_ads_campaign_daily', key=['cells.campaign'], accounts=['account_id', 'account_name'],
    days=[['day'], ['day']],
    campaign='cells.campaign', campaign_type='cells.campaign_type', ad_group='cells.ad_group',
    impressions='impr', clicks='clicks', conversions='conversions', spend='cost',
    conversion_value='conv_value', currency='cells.currency_code'
) }}
