"""Evidence page: what a number is made of."""

from dashboard.components.page import run_page
from dashboard.views import evidence

run_page(evidence.show, "evidence")
