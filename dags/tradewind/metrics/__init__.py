"""The assessment metrics: one YAML file a post in `dbt_project/metrics/` says all there is to a metric.

What dbt, the gates and the pages need is written from it by `make metrics`.
"""

from tradewind.metrics.definition import Metric, MetricError, Post, Rule, Term, load_metrics, read_post
from tradewind.metrics.events import EventModel, check_references, read_event_models
from tradewind.metrics.generated import generated_files

__all__ = [
    "EventModel",
    "Metric",
    "MetricError",
    "Post",
    "Rule",
    "Term",
    "check_references",
    "generated_files",
    "load_metrics",
    "read_event_models",
    "read_post",
]
