"""What can be wrong with a publication."""

from __future__ import annotations


class PublicationError(RuntimeError):
    """The build cannot be published, and nothing of it is visible; the message says what to do."""

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code

    @property
    def may_be_by_a_load(self) -> bool:
        """Whether it is about rows; else it is about the models, whatever rows they have."""
        return self.reason_code == "touched_incomplete"


class SchemaChangeError(PublicationError):
    """A model changed in a way that a table with dependents cannot follow by itself."""

    def __init__(self, message: str) -> None:
        super().__init__("schema_change", message)
