"""Help desks, payments, HR, recruiting, tasks, analytics, connector tables: told by header, kept by cells."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import pytest

from tradewind.exports import RefusedFileError, load_contracts, open_export, recognise
from tradewind.exports.blocks import Block
from tradewind.exports.facts import FileFacts, read_facts

# one invented record a report, under the headers without which it is not recognised
RECORDS: dict[str, dict[str, str]] = {
    "zendesk_ticket_list": {
        "Ticket ID": "TICKET-7", "Created Date": "2026-01-02 08:00:00",
        "Resolved Date": "2026-01-02 12:30:00", "Issue Type": "Delivery", "Priority": "High",
        "Agent Assigned": "Ada", "Status": "Resolved", "Response Time (hours)": "0.5",
        "Resolution Time (hours)": "4.5",
    },
    "zendesk_tickets": {
        "id": "71", "assignee_id": "5", "created_at": "2026-01-02 08:00:00", "priority": "high",
        "requester_id": "900", "status": "pending", "updated_at": "2026-01-02 09:00:00.125",
        "via_channel": "email",
    },
    "zendesk_ticket_comments": {
        "id": "81", "body": "Where is it?", "created": "2026-01-02 08:00:00", "public": "TRUE",
        "ticket_id": "71", "user_id": "900",
    },
    "zendesk_ticket_field_history": {
        "field_name": "status", "ticket_id": "71", "updated": "2026-01-02 08:00:00", "user_id": "5",
        "value": "open",
    },
    "zendesk_users": {
        "id": "900", "created_at": "2026-01-01 00:00:00", "email": "a@example.com", "name": "A. Buyer",
        "restricted_agent": "FALSE", "role": "end-user", "updated_at": "2026-01-01 00:00:00",
    },
    "zendesk_satisfaction_ratings": {
        "id": "61", "assignee_id": "5", "requester_id": "900", "ticket_id": "71", "score": "good",
        "created_at": "2026-01-03T08:00:00Z", "updated_at": "2026-01-03T08:00:00Z",
    },
    "zendesk_ticket_metrics": {
        "id": "31", "ticket_id": "71", "created_at": "2026-01-02T08:00:00Z",
        "updated_at": "2026-01-02T09:00:00Z", "reopens": "0", "replies": "2",
        "reply_time_in_minutes_calendar": "30", "full_resolution_time_in_minutes_calendar": "270",
    },
    "freshdesk_tickets": {
        "Ticket ID": "7", "Subject": "Late", "Status": "Waiting on Courier", "Priority": "Urgent",
        "Type": "Delivery", "Created time": "2026-01-02 08:00:00", "Resolved time": "",
        "Email": "a@example.com",
    },
    "jira_issues": {
        "Summary": "Fix the label", "Issue key": "SHOP-7", "Issue id": "10007", "Issue Type": "Task",
        "Status": "Done", "Project key": "SHOP", "Assignee": "Ada", "Created": "02/Jan/26 8:00 AM",
        "Resolved": "03/Jan/26 12:30 PM", "Status Category": "Done",
    },
    "asana_tasks": {
        "Task ID": "1200000000000007", "Created At": "2026-01-02", "Completed At": "",
        "Last Modified": "2026-01-03", "Name": "New banner", "Section/Column": "Doing", "Assignee": "Ada",
        "Due Date": "2026-01-09",
    },
    "paypal_activity": {
        "Date": "01/31/2026", "Time": "03:46:20", "TimeZone": "PST", "Name": "A. Buyer",
        "Type": "Express Checkout Payment", "Status": "Completed", "Currency": "USD", "Gross": "1,010.00",
        "Fee": "-0.59", "Net": "1,009.41", "Transaction ID": "0AB12345CD678901E",
        "Reference Txn ID": "B-0AB12345CD678901E",
    },
    "stripe_balance": {
        "balance_transaction_id": "txn_1Abc", "created_utc": "2026-01-02 08:00:00", "currency": "eur",
        "gross": "12.00", "fee": "0.47", "net": "11.53", "reporting_category": "charge",
    },
    "stripe_payments": {
        "id": "ch_1Abc", "Created date (UTC)": "2026-01-02 08:00", "Amount": "12.00",
        "Amount Refunded": "0.00", "Currency": "eur", "Status": "Paid", "Disputed Amount": "12.00",
        "Dispute Date (UTC)": "2026-01-12 08:00", "Dispute Status": "needs_response",
    },
    "stripe_disputes": {
        "id": "du_1Abc", "amount": "1200", "charge_id": "ch_1Abc", "created": "2026-01-12 08:00:00",
        "currency": "eur", "is_charge_refundable": "true", "reason": "fraudulent", "status": "under_review",
    },
    "stripe_refunds": {
        "id": "re_1Abc", "amount": "1200", "charge_id": "ch_1Abc", "created": "2026-01-12 08:00:00",
        "currency": "jpy", "failure_balance_transaction_id": "", "failure_reason": "",
        "reason": "requested_by_customer", "status": "succeeded",
    },
    "stripe_charges": {
        "id": "ch_1Abc", "amount": "1200", "amount_refunded": "0", "captured": "TRUE",
        "created": "2026-01-02 08:00:00", "currency": "jpy", "refunded": "FALSE",
        "status": "succeeded",
    },
    "hr_roster_huebner": {
        "Employee_Name": "Lovelace, Ada", "EmpID": "10001", "Termd": "0", "Position": "Picker",
        "DateofHire": "7/5/2021", "DateofTermination": "", "EmploymentStatus": "Active",
        "Department": "Storage", "RecruitmentSource": "Referral", "PerformanceScore": "Exceeds",
    },
    "hr_attrition_ibm": {
        "Attrition": "No", "Department": "Sales", "EmployeeNumber": "7", "JobRole": "Sales Executive",
        "OverTime": "Yes", "PerformanceRating": "3", "TrainingTimesLastYear": "2", "YearsAtCompany": "4",
    },
    "greenhouse_applications": {
        "id": "21", "applied_at": "2026-01-02 08:00:00.255", "candidate_id": "11", "current_stage_id": "41",
        "prospect": "false", "rejected_at": "", "source_id": "51", "status": "active",
    },
    "greenhouse_candidates": {
        "id": "11", "created_at": "2026-01-02 08:00:00", "first_name": "Ada", "is_private": "false",
        "last_name": "Lovelace", "recruiter_id": "5", "updated_at": "2026-01-02 08:00:00",
    },
    "greenhouse_jobs": {
        "id": "31", "closed_at": "", "confidential": "false", "created_at": "2026-01-02 08:00:00",
        "name": "Picker", "requisition_id": "R-7", "status": "open", "updated_at": "2026-01-02 08:00:00",
    },
    "greenhouse_job_posts": {
        "id": "35", "created_at": "2026-01-02 08:00:00", "external": "TRUE", "internal": "FALSE",
        "job_id": "31", "live": "TRUE", "title": "Picker", "updated_at": "2026-01-02 08:00:00",
    },
    "greenhouse_job_stages": {
        "id": "41", "created_at": "2026-01-02 08:00:00", "job_id": "31", "name": "Interview",
        "updated_at": "2026-01-02 08:00:00",
    },
    "greenhouse_scorecards": {
        "id": "61", "application_id": "21", "created_at": "2026-01-02 08:00:00", "interview": "Skills",
        "interviewed_at": "2026-01-02 08:00:00", "overall_recommendation": "strong_yes",
        "submitted_at": "2026-01-02 08:30:00", "updated_at": "2026-01-02 08:30:00",
    },
    "greenhouse_sources": {
        "id": "51", "name": "Job board", "source_type_id": "4", "source_type_name": "Other",
    },
    "greenhouse_scheduled_interviews": {
        "id": "71", "application_id": "21", "created_at": "2026-01-02 08:00:00", "end": "2026-01-05 09:00:00",
        "interview_id": "81", "organizer_id": "5", "start": "2026-01-05 08:00:00", "status": "scheduled",
        "updated_at": "2026-01-02 08:00:00",
    },
    "greenhouse_offers": {
        "id": "91", "version": "2", "application_id": "21", "job_id": "31", "status": "accepted",
        "created_at": "2026-01-06T08:00:00.123Z", "updated_at": "2026-01-06T08:00:00.123Z",
        "sent_at": "2026-01-06", "resolved_at": "2026-01-07", "starts_at": "2026-02-01",
    },
    "search_console_dates": {
        "Date": "2026-01-02", "Clicks": "12", "Impressions": "1000", "CTR": "1.2%", "Position": "12.5",
    },
    "search_console_queries": {
        "Top queries": "lamp, oak", "Clicks": "2", "Impressions": "100", "CTR": "2%", "Position": "3.1",
    },
    "search_console_pages": {
        "Top pages": "https://shop.example/a", "Clicks": "2", "Impressions": "100", "CTR": "2%",
        "Position": "3.1",
    },
    "search_console_countries": {
        "Country": "France", "Clicks": "2", "Impressions": "100", "CTR": "2%", "Position": "3.1",
    },
    "search_console_devices": {
        "Device": "Mobile", "Clicks": "0", "Impressions": "0", "CTR": "0", "Position": "0",
    },
    "shopify_connector_orders": {
        "id": "501", "currency": "GBP", "subtotal_price": "10.00", "total_price": "12.00",
        "created_at": "2026-01-02 08:00:00.000", "updated_at": "2026-01-02 08:00:00.000", "name": "#1001",
        "customer_id": "900", "order_number": "1001", "financial_status": "paid", "fulfillment_status": "",
        "processed_at": "2026-01-02 08:00:00.000", "cancelled_at": "", "total_line_items_price": "10.00",
    },
    "shopify_connector_order_lines": {
        "order_id": "501", "id": "601", "price": "10.00", "quantity": "1", "sku": "LAMP-1",
        "fulfillable_quantity": "1", "total_discount": "0.00",
    },
    "shopify_connector_refunds": {
        "id": "701", "created_at": "2026-01-05 08:00:00.000", "processed_at": "2026-01-05 08:00:00.000",
        "restock": "FALSE", "user_id": "5", "order_id": "501",
    },
    "shopify_connector_order_line_refunds": {
        "id": "801", "refund_id": "701", "restock_type": "no_restock", "quantity": "1",
        "order_line_id": "601", "subtotal": "10.00", "total_tax": "2.00",
    },
    "shopify_connector_fulfillments": {
        "id": "401", "created_at": "2026-01-03 08:00:00", "order_id": "501", "status": "success",
        "tracking_company": "DHL", "tracking_number": "JD01", "updated_at": "2026-01-03 08:00:00",
        "shipment_status": "in_transit",
    },
    "shopify_connector_inventory_levels": {
        "inventory_item_id": "301", "location_id": "201", "updated_at": "2026-01-03 08:00:00",
        "deactivation_alert": "",
    },
    "shopify_connector_inventory_quantities": {
        "inventory_item_id": "301", "inventory_level_id": "101", "name": "available", "quantity": "-2",
        "updated_at": "2026-01-03 08:00:00",
    },
    "amazon_connector_orders": {
        "amazon_order_id": "111-1234567-1234567", "fulfillment_channel": "AFN",
        "last_update_date": "2026-01-03 08:00:00", "latest_delivery_date": "", "latest_ship_date": "",
        "marketplace_id": "A1PA6795UKMFR9", "number_of_items_shipped": "1", "number_of_items_unshipped": "0",
        "order_status": "Shipped", "order_total_amount": "1,012.00", "order_total_currency_code": "EUR",
        "purchase_date": "2026-01-02 08:00:00",
    },
    "amazon_connector_order_items": {
        "order_item_id": "12345678901234", "amazon_order_id": "111-1234567-1234567", "asin": "B000000001",
        "item_price_amount": "1,012.00", "item_price_currency_code": "EUR", "quantity_ordered": "1",
        "quantity_shipped": "1", "seller_sku": "LAMP-1",
    },
    "amazon_connector_fba_inventory": {
        "asin": "B000000001", "granularity_id": "A1PA6795UKMFR9", "condition": "NewItem",
        "fulfillable_quantity": "5", "inbound_shipped_quantity": "0", "inbound_receiving_quantity": "0",
        "inbound_working_quantity": "0", "seller_sku": "LAMP-1", "total_quantity": "6",
        "total_researching_quantity": "0", "total_reserved_quantity": "1",
        "total_unfulfillable_quantity": "0",
    },
    "amazon_ads_connector_campaign_daily": {
        "campaign_id": "2187", "date": "2026-01-02", "campaign_budget_currency_code": "EUR",
        "campaign_budget_type": "DAILY_BUDGET", "clicks": "2", "cost": "1.67", "impressions": "1095",
        "sales_7_d": "12",
    },
    "microsoft_ads_connector_campaign_daily": {
        "date": "2026-01-02", "account_id": "15", "campaign_id": "35", "currency_code": "USD",
        "device_type": "Computer", "network": "Audience", "budget_name": "General", "clicks": "1",
        "impressions": "20", "spend": "0.75",
    },
    "tiktok_ads_connector_campaign_hourly": {
        "CAMPAIGN_ID": "1", "STAT_TIME_HOUR": "2026-01-02 5:00:00", "VIDEO_PLAY_ACTIONS": "300",
        "IMPRESSIONS": "500", "CONVERSION": "0", "CLICKS": "22", "SPEND": "12.12",
    },
    "tiktok_ads_daily": {
        "Campaign name": "Spring", "Cost": "12.12", "Impressions": "500", "Clicks (destination)": "22",
        "By Day": "2026-01-02",
    },
}  # fmt: skip


def lines_of(*rows: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def read(text: str, folder: Path, name: str = "date=2026-01-31/file.csv") -> tuple[str, FileFacts, Block]:
    """The report, the facts and all of a file as one block."""
    file = folder / "file"
    file.write_text(text, encoding="utf-8", newline="")
    descriptor = os.open(file, os.O_RDONLY)
    try:
        export = open_export(descriptor, PurePath(name), load_contracts())
        whole = Block()
        for block in export.blocks(export.rows(str), 1):
            whole.loaded += block.loaded
            whole.ignored += block.ignored
            whole.bad += block.bad
        return export.header.contract.report, export.facts, whole
    finally:
        os.close(descriptor)


def faults(block: Block) -> list[tuple[int, str, str | None]]:
    return [(record.row_number, record.fault.code, record.fault.column) for record in block.bad]


def changed(report: str, **cells: str) -> list[str]:
    """The cells of a report's record with some of them changed, named by the column of the contract."""
    contract = load_contracts()[report]
    headers = {column.name: column.all_headers() for column in contract.columns}
    record = dict(RECORDS[report])
    for name, value in cells.items():
        (header,) = [item for item in headers[name] if item in record]
        record[header] = value
    return list(record.values())


@pytest.mark.parametrize("report", RECORDS)
def test_record_is_recognised_by_its_header_and_loaded(tmp_path: Path, report: str) -> None:
    record = RECORDS[report]
    found, _, block = read(lines_of(list(record), list(record.values())), tmp_path)
    assert (found, block.loaded, faults(block)) == (report, 1, [])


@pytest.mark.parametrize("report", RECORDS)
def test_record_whose_cells_slid_by_one_is_quarantined(tmp_path: Path, report: str) -> None:
    header, cells = list(RECORDS[report]), list(RECORDS[report].values())
    slid = [[*cells[1:], ""], ["", *cells[:-1]]]
    _, _, block = read(lines_of(header, cells, *slid), tmp_path)
    assert block.loaded == 1
    assert [record.row_number for record in block.bad] == [2, 3]


@pytest.mark.parametrize(
    ("report", "cells"),
    [
        ("stripe_disputes", {"status": "open", "id": "dis_1"}),
        ("zendesk_tickets", {"status": "Pending"}),
        ("zendesk_users", {"role": "buyer"}),
        ("greenhouse_scorecards", {"overall_recommendation": "maybe"}),
        ("jira_issues", {"status_category": "Erledigt"}),
    ],
)
def test_a_state_or_an_id_of_another_form_than_seen_so_far_keeps_no_row_out(
    tmp_path: Path, report: str, cells: dict[str, str]
) -> None:
    _, _, block = read(lines_of(list(RECORDS[report]), changed(report, **cells)), tmp_path)
    assert (block.loaded, faults(block)) == (1, [])


@pytest.mark.parametrize(
    ("report", "cells", "code"),
    [
        # a European account writes the day first, and its zone says so
        ("paypal_activity", {"time_zone": "CET"}, "unexpected_value"),
        ("paypal_activity", {"date": "31/01/2026"}, "impossible_date"),
        # yen have no hundredths: the amount would be a hundredth of what is in dispute
        ("stripe_disputes", {"currency": "jpy"}, "unexpected_value"),
        # "29,00" of a European account is no 2,900
        ("stripe_payments", {"amount": "29,00"}, "decimal_comma"),
        ("asana_tasks", {"task_id": "1.21143E+15"}, "precision_lost"),
        ("jira_issues", {"created": "2026-01-02 08:00"}, "wrong_type"),
        ("amazon_connector_order_items", {"item_price_amount": "39.01a"}, "wrong_type"),
    ],
)
def test_cell_that_would_be_misread_is_quarantined(
    tmp_path: Path, report: str, cells: dict[str, str], code: str
) -> None:
    text = lines_of(list(RECORDS[report]), changed(report), changed(report, **cells))
    _, _, block = read(text, tmp_path)
    assert (block.loaded, faults(block)) == (1, [(2, code, next(iter(cells)))])


@pytest.mark.parametrize(
    "report",
    [
        "search_console_queries",
        "search_console_pages",
        "search_console_countries",
        "search_console_devices",
        "amazon_connector_fba_inventory",
    ],
)
def test_report_without_a_date_is_refused_until_its_place_says_one(tmp_path: Path, report: str) -> None:
    text = lines_of(list(RECORDS[report]), changed(report))
    with pytest.raises(RefusedFileError) as refused:
        read(text, tmp_path, "file.csv")
    assert refused.value.code == "period_unknown"
    _, facts, _ = read(text, tmp_path, "Export-2026-01-01-to-2026-01-31.csv")
    assert (str(facts.period_start), str(facts.period_end)) == ("2026-01-01", "2026-01-31")


def test_events_of_ga4_take_period_and_property_from_the_lines_above(tmp_path: Path) -> None:
    above = (
        "# ----\n# Events: Event name\n# Account: Lumen\n# Property: Lumen (GA4)\n# ----\n# \n# All Users\n"
    )
    above += "# Start date: 20260101\n# End date: 20260131\n"
    header = ["Event name", "Event count", "Total users", "Event count per active user", "Total revenue"]
    text = above + lines_of(header, ["purchase", "12", "10", "1.2", "0"], ["12", "10", "1.2", "0", ""])
    report, facts, block = read(text, tmp_path, "file.csv")
    assert (report, str(facts.period_start), str(facts.period_end)) == (
        "ga4_events", "2026-01-01", "2026-01-31",
    )  # fmt: skip
    assert facts.attributes == {"account": "Lumen", "property": "Lumen (GA4)", "audience": "All Users"}
    assert (block.loaded, [record.row_number for record in block.bad]) == (1, [2])


def test_three_lines_above_the_header_of_a_live_asana_sheet_are_passed(tmp_path: Path) -> None:
    table = lines_of(list(RECORDS["asana_tasks"]), changed("asana_tasks"))
    report, _, block = read(",,\n,,https://example.com\n,,\n" + table, tmp_path)
    assert (report, block.loaded) == ("asana_tasks", 1)
    with pytest.raises(RefusedFileError) as refused:
        read(",,A task of ours\n" * 4 + table, tmp_path)
    assert refused.value.code == "lines_above_header"


def test_total_row_of_tiktok_is_no_record(tmp_path: Path) -> None:
    total = ["Total of 1 results", "12.12", "500", "22", "-"]
    report, _, block = read(
        lines_of(list(RECORDS["tiktok_ads_daily"]), changed("tiktok_ads_daily"), total), tmp_path
    )
    assert (report, block.loaded, block.ignored, block.bad) == ("tiktok_ads_daily", 1, 1, [])


def test_fields_of_several_values_and_of_the_account_are_kept_aside(tmp_path: Path) -> None:
    header = [*RECORDS["jira_issues"], "Attachment", "Attachment", "Custom field (Courier)", "Comment"]
    record = [*RECORDS["jira_issues"].values(), "a;b", "c;d", "DHL", "text"]
    report, facts, block = read(lines_of(header, record), tmp_path)
    assert (report, block.loaded) == ("jira_issues", 1)
    assert facts.attributes["extra_columns"] == ["Attachment", "Custom field (Courier)", "Comment"]


def test_state_of_the_accounts_own_making_is_loaded(tmp_path: Path) -> None:
    text = lines_of(list(RECORDS["freshdesk_tickets"]), changed("freshdesk_tickets", status="OpenPending"))
    _, _, block = read(text, tmp_path)
    assert (block.loaded, block.bad) == (1, [])


# the two layouts of one report are no other report
@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("Date,Clicks,Impressions,CTR,Position\n", "search_console_dates"),
        ("Query,Clicks,Impressions,CTR,Position\n", "search_console_queries"),
        ("inventory_item_id,location_id,available,updated_at\n", "shopify_connector_inventory_levels"),
        (
            '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net",'
            '"From Email Address","To Email Address","Transaction ID","Shipping Address","Address Status",'
            '"Item Title","Item ID","Shipping and Handling Amount","Insurance Amount","Sales Tax",'
            '"Option 1 Name","Option 1 Value","Option 2 Name","Option 2 Value","Reference Txn ID",'
            '"Invoice Number","Custom Number","Quantity","Receipt ID","Balance","Address Line 1",'
            '"Address Line 2/District/Neighborhood","Town/City",'
            '"State/Province/Region/County/Territory/Prefecture/Republic","Zip/Postal Code","Country",'
            '"Contact Phone Number","Subject","Note","Country Code","Balance Impact"\n',
            "paypal_activity",
        ),
        (
            "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Fee,Status,"
            "Disputed Amount,Dispute Status,Dispute Reason,Dispute Date (UTC),productID (metadata)\n",
            "stripe_payments",
        ),
    ],
)
def test_every_known_layout_is_recognised(text: str, report: str) -> None:
    header = recognise(text, load_contracts())
    assert header.contract.report == report
    unknown = [cell for cell in header.extra_names.values() if not cell.endswith("(metadata)")]
    assert unknown == []


def paths_of(record: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from paths_of(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def as_table(document: dict[str, Any], name: str) -> str:
    """The header of one list of a JSON document, below the values that stand outside of all lists."""
    headers = list(dict.fromkeys(path for record in document[name] for path, _ in paths_of(record)))
    outside = {
        path: value
        for path, value in paths_of(document)
        if not (isinstance(value, list) and value and isinstance(value[0], dict))
    }
    above = [
        f"{path}: {json.dumps(value) if isinstance(value, list) else value}"
        for path, value in outside.items()
    ]
    return "\n".join([*above, lines_of(headers)])


ANSWERS = {
    "zendesk_satisfaction_ratings": {
        "id": 61, "assignee_id": 5, "group_id": 1, "requester_id": 900, "ticket_id": 71, "score": "bad",
        "created_at": "2026-01-03T08:00:00Z", "updated_at": "2026-01-03T08:00:00Z", "comment": "late",
    },
    "zendesk_ticket_metrics": {
        "id": 31, "ticket_id": 71, "created_at": "2026-01-02T08:00:00Z",
        "updated_at": "2026-01-02T09:00:00Z", "reopens": 0, "replies": 2,
        "reply_time_in_minutes": {"calendar": 30, "business": 10},
        "full_resolution_time_in_minutes": {"calendar": 270, "business": None},
    },
    "greenhouse_offers": {
        "id": 91, "version": 2, "application_id": 21, "job_id": 31, "candidate_id": 11, "status": "accepted",
        "created_at": "2026-01-06T08:00:00.123Z", "updated_at": "2026-01-06T08:00:00.123Z",
        "sent_at": "2026-01-06", "resolved_at": None, "starts_at": "2026-02-01", "opening": {"id": 4},
    },
}  # fmt: skip


@pytest.mark.parametrize("report", ANSWERS)
def test_answer_of_an_api_is_the_table_that_a_connector_makes_of_it(report: str) -> None:
    document = {"count": 1, "next_page": None, "records": [ANSWERS[report]]}
    header = recognise(as_table(document, "records"), load_contracts(), any_preamble=True)
    assert (header.contract.report, header.extra_names) == (report, {})
    assert header.contract.file_types == ["csv", "json"]


METRICS = {
    "marketplaceId": "A1PA6795UKMFR9",
    "orderDefectRate": {"afn": {"rate": 0.009, "targetValue": 0.01, "targetCondition": "LESS_THAN"}},
    "preFulfillmentCancellationRate": {"rate": 0.005},
    "listingPolicyViolations": {
        "reportingDateRange": {"reportingDateTo": "2026-01-31T23:59Z"},
        "defectsCount": 3,
    },
    "accountHealthRating": {"accountHealthRatingStatus": "GREAT"},
    "documentRequests": {"defectsCount": 0},
    "warningStates": [],
}


@pytest.mark.parametrize(
    "renamed",
    [
        {},
        {
            "marketplaceId": "MarketplaceId",
            "orderDefectRate": "OrderDefectRate",
            "listingPolicyViolations": "ListingPolicyViolations",
        },
        {
            "preFulfillmentCancellationRate": "prefulfillmentCancelRate",
            "accountHealthRatingStatus": "ahrStatus",
            "documentRequests": "documentRequest",
            "warningStates": "warningState",
        },
        {
            "marketplaceId": "marketplace_id",
            "orderDefectRate": "order_defect_rate",
            "targetValue": "target_value",
            "targetCondition": "target_condition",
            "preFulfillmentCancellationRate": "pre_fulfillment_cancellation_rate",
            "listingPolicyViolations": "listing_policy_violations",
            "reportingDateRange": "reporting_date_range",
            "reportingDateTo": "reporting_date_to",
            "defectsCount": "defects_count",
            "accountHealthRatingStatus": "account_health_rating_status",
            "accountHealthRating": "account_health_rating",
            "documentRequests": "document_requests",
            "warningStates": "warning_states",
        },
    ],
    ids=["camel case", "Pascal case", "names of the example", "underscores"],
)
def test_account_health_is_the_same_in_every_spelling_of_its_keys(renamed: dict[str, str]) -> None:
    text = json.dumps({"performanceMetrics": [METRICS]})
    for name, other in renamed.items():
        text = text.replace(f'"{name}"', f'"{other}"')
    header = recognise(as_table(json.loads(text), "performanceMetrics"), load_contracts(), any_preamble=True)
    assert header.extra_names == {}
    assert [column.name for column in header.columns if column] == [
        "marketplace_id",
        "order_defect_rate_afn_rate",
        "order_defect_rate_afn_target_value",
        "order_defect_rate_afn_target_condition",
        "pre_fulfillment_cancel_rate_rate",
        "listing_policy_violations_to",
        "listing_policy_violations_defects_count",
        "account_health_rating_status",
        "document_requests_defects_count",
        "warning_states",
    ]


def sales_and_traffic(granularity: str) -> dict[str, Any]:
    money = {"amount": 10.5, "currencyCode": "EUR"}
    return {
        "reportSpecification": {
            "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
            "reportOptions": {"dateGranularity": granularity, "asinGranularity": "SKU"},
            "dataStartTime": "2026-01-01",
            "dataEndTime": "2026-01-31",
            "marketplaceIds": ["A1PA6795UKMFR9"],
        },
        "salesAndTrafficByDate": [
            {
                "date": "2026-01-01",
                "salesByDate": {
                    "orderedProductSales": money, "unitsOrdered": 2, "totalOrderItems": 1,
                    "unitsRefunded": 0, "claimsGranted": 0,
                },
                "trafficByDate": {
                    "pageViews": 20, "sessions": 10, "feedbackReceived": 0, "negativeFeedbackReceived": 0,
                },
            }
        ],
        "salesAndTrafficByAsin": [
            {
                "parentAsin": "B000000001",
                "sku": "LAMP-1",
                "salesByAsin": {"unitsOrdered": 2, "orderedProductSales": money, "totalOrderItems": 1},
                "trafficByAsin": {"pageViews": 20, "sessions": 10},
            }
        ],
    }  # fmt: skip


def facts_of(document: dict[str, Any], name: str) -> FileFacts:
    header = recognise(as_table(document, name), load_contracts(), any_preamble=True)
    return read_facts(header, PurePath("report.json"), {}, datetime(2026, 2, 1, tzinfo=UTC))


@pytest.mark.parametrize("name", ["salesAndTrafficByDate", "salesAndTrafficByAsin"])
def test_days_and_marketplace_of_a_json_report_stand_outside_its_list(name: str) -> None:
    facts = facts_of(sales_and_traffic("DAY"), name)
    assert (str(facts.period_start), str(facts.period_end)) == ("2026-01-01", "2026-01-31")
    assert facts.attributes["marketplace"] == "A1PA6795UKMFR9"


@pytest.mark.parametrize("granularity", ["WEEK", "MONTH"])
def test_weeks_and_months_are_refused_where_they_would_pass_for_days(granularity: str) -> None:
    document = sales_and_traffic(granularity)
    with pytest.raises(RefusedFileError) as refused:
        facts_of(document, "salesAndTrafficByDate")
    assert refused.value.code == "period_unknown"
    assert facts_of(document, "salesAndTrafficByAsin").attributes["asin_granularity"] == "SKU"
