"""Data health page."""

from dashboard.components.page import run_page
from dashboard.views import data_health

run_page(data_health.show, "health", needs_publication=False)
