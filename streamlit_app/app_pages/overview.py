"""Overview page."""

from dashboard.components.page import run_page
from dashboard.views import overview

run_page(overview.show, "overview")
