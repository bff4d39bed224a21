"""Publishing: what a build made in `candidate` becomes visible in `marts`, whole, in one transaction.

Which models, by which key and in which partitions stands in each dbt model's `meta`: `primary_key`, and
`publish: whole`, `publish: view` or `publish: {by: [store_id, business_date]}`, the columns of
`intermediate.touched` by which the rows are found that may have changed. A marts table is created once,
then only gains columns and changed rows: the views, rights and row security that others put on it stay. A
change that it cannot follow holds the publication; the runbook is `infra/runbooks/publication_held.md`.
"""

from tradewind.publishing.errors import PublicationError, SchemaChangeError
from tradewind.publishing.models import Partition
from tradewind.publishing.publication import (
    Publication,
    hold,
    publish,
    release,
    release_load,
    touched_partitions,
)

__all__ = [
    "Partition",
    "Publication",
    "PublicationError",
    "SchemaChangeError",
    "hold",
    "publish",
    "release",
    "release_load",
    "touched_partitions",
]
