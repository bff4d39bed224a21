-- One row per ad group (or ad) and day. Clicks are outbound clicks; blank results are none.
{{ ads_report(
    'pinterest_ads', 'pinterest_ads_daily', days=[['date'], ['date']],
    key=['cells.campaign_name', 'cells.ad_group_name'], accounts=['account_id', 'account_name'],
    campaign='cells.campaign_name', ad_group='cells.ad_group_name',
    impressions='impressions', clicks='outbound_clicks', conversions='total_conversions_checkout',
    spend='spend_in_account_currency', conversion_value='total_order_value_checkout',
    blank_is_none=['conversion_quantity', 'conversion_value_amount']
) }}
