-- One row per campaign for the period above the header; never spread over its days.
{{ ads_report(
    'google_ads', 'google_ads_campaign_period', key=['cells.campaign'], accounts=['account_id', 'account_name'],
    period=file_period(),
    campaign='cells.campaign', campaign_type='cells.campaign_type',
    impressions='impr', clicks='clicks', conversions='conversions', spend='cost',
    conversion_value='conv_value', currency='cells.currency_code'
) }}
