-- One row per ad group (or ad) and day. Clicks are outbound clicks; blank results are none.
{{ ads_report(
    'pinterest_ads', 'pinterest_ads_daily', day=parse_date('cells.date'),
    key=['cells.campaign_name', 'cells.ad_group_name'], accounts=['account_id', 'account_name'],
    campaign='cells.campaign_name', ad_group='cells.ad_group_name',
    impressions='cells.impressions', clicks='cells.outbound_clicks', conversions='cells.total_conversions_checkout',
    spend='cells.spend_in_account_currency', conversion_value='cells.total_order_value_checkout',
    blank_is_none=['conversion_quantity', 'conversion_value_amount']
) }}
