"""Metric catalogue page."""

from dashboard.components.page import run_page
from dashboard.views import metric_catalogue

run_page(metric_catalogue.show, "metrics")
