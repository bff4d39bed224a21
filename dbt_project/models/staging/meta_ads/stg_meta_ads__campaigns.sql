-- One row per ad row and day (or period, when not broken down by day). Clicks are link clicks; blank results are none.
{{ ads_report(
    'meta_ads', 'meta_ads_campaign_daily',
    key=['cells.campaign_name'], accounts=['account_id', 'account_name'],
    period=[
        parse_date("coalesce(nullif(cells.day, ''), cells.reporting_starts)"),
        parse_date("coalesce(nullif(cells.day, ''), cells.reporting_ends)"),
    ],
    campaign='cells.campaign_name', ad_group='cells.ad_set_name',
    impressions='cells.impressions', clicks='cells.link_clicks', conversions='cells.purchases',
    spend='cells.amount_spent', conversion_value='cells.purchases_conversion_value',
    blank_is_none=['click_count', 'conversion_quantity', 'conversion_value_amount']
) }}
