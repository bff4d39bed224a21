"""What these tests read is small, and is read as large files are: `test_properties.py` tries both ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def few_bytes_are_read_in_columns() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tradewind.exports.blocks.FEW_BYTES", 0)
        yield
