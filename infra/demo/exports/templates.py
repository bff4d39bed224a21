"""Tradewind's own templates, filled in: stores, roster, assignments, targets, product costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import PurePosixPath

from infra.demo import company, products
from infra.demo.exports.landing import Landing, csv_text, day_after

FILLED_IN = day_after(company.LAST_DAY, hour=8)
STORE_COLUMNS = "store_id,store_name,platform,country,timezone,currency,opened_on"
ROSTER_COLUMNS = (
    "employee_id,employee_name,role_id,team_id,team_name,department,manager_id,country,hired_on,left_on"
)
ASSIGNMENT_COLUMNS = "employee_id,post_id,object_type,object_id,store_id,platform,share,valid_from,valid_to"
TARGET_COLUMNS = (
    "scope_type,scope_id,metric_id,period_start,period_end,floor_value,target_value,stretch_value,currency"
)
COST_COLUMNS = "store_id,sku,unit_cost,currency,valid_from"


def write(landing: Landing) -> None:
    """Write the five templates under `company/`; the fields of the records are their columns."""
    _write(landing, "stores", STORE_COLUMNS, [astuple(store) for store in company.STORES.values()])
    _write(landing, "roster", ROSTER_COLUMNS, [_person(person) for person in company.PEOPLE])
    _write(
        landing, "assignments", ASSIGNMENT_COLUMNS, [astuple(assigned) for assigned in company.ASSIGNMENTS]
    )
    _write(landing, "sales_targets", TARGET_COLUMNS, [astuple(target) for target in company.TARGETS])
    _write(landing, "product_costs", COST_COLUMNS, [astuple(cost) for cost in products.costs()])


def _person(person: company.Person) -> tuple[str, ...]:
    name, department, lead = company.TEAMS[person.team]
    manager = lead if lead and lead != person.employee_id else company.DEPARTMENT_DIRECTORS[department]
    return (
        person.employee_id,
        person.employee_name,
        person.role_id,
        person.team,
        name,
        department,
        "" if manager == person.employee_id else manager,
        person.country,
        person.hired_on,
        person.left_on,
    )


def _write(landing: Landing, name: str, header: str, rows: Sequence[Sequence[object]]) -> None:
    text = csv_text(header, rows)
    path = str(PurePosixPath("company") / f"{name}.csv")
    landing.write(path, text.encode(), FILLED_IN, report=f"tradewind_{name}", records=len(rows))
