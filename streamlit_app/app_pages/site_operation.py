"""Site operation page."""

from dashboard.components.page import run_page
from dashboard.views import site_operation

run_page(site_operation.show, "site_operation")
