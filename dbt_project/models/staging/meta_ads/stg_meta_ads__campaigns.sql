-- One row per ad row and day (or period, when not broken down by day). Clicks are link clicks; blank results are none.
{{ ads_report(
    'meta_ads', 'meta_ads_campaign_daily',
    key=['cells.campaign_name'], accounts=['account_id', 'account_name'],
    days=[['day', 'reporting_starts'], ['day', 'reporting_ends']],
    campaign='cells.campaign_name', ad_group='cells.ad_set_name',
    impressions='impressions', clicks='link_clicks', conversions='purchases',
    spend='amount_spent', conversion_value='purchases_conversion_value',
    blank_is_none=['click_count', 'conversion_quantity', 'conversion_value_amount']
) }}
