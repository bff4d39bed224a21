"""Network promotion page."""

from dashboard.components.page import run_page
from dashboard.views import network_promotion

run_page(network_promotion.show, "network_promotion")
