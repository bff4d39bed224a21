"""Which standard shape the rows have, and which column feeds which of its fields: by the headers' words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradewind.drafting.columns import DraftColumn
from tradewind.drafting.vocabulary import (
    BEYOND_GOODS_WORDS,
    FIELD_CONCEPTS,
    WHOLE_ORDER_WORDS,
    all_words,
    concepts_of,
    plain,
)
from tradewind.exports.shapes import FieldType, Shape, load_shapes

_TYPES: dict[FieldType, tuple[str, ...]] = {
    "text": ("text", "integer", "date", "datetime", "boolean", "decimal"),
    "person": ("text", "integer"),
    "integer": ("integer", "decimal"),
    "number": ("integer", "decimal", "percent"),
    "amount": ("integer", "decimal", "money"),
    "moment": ("date", "datetime"),
    "date": ("date", "datetime"),
    "flag": ("boolean",),
}
# fields that nearly every table has say little of its shape
_COMMON = {"product_name", "country", "status", "sku", "reason", "channel", "visited_on"}
MIN_FIELDS = 3
# fields that hold the price of goods alone
_GOODS = {"unit_price_amount", "gross_amount"}


@dataclass(frozen=True)
class ShapeFit:
    """A shape, the columns found for its fields, and the required fields that none was found for."""

    shape: str
    fields: dict[str, DraftColumn]
    missing: list[str]
    score: int

    @property
    def is_whole(self) -> bool:
        """Whether a contract may name the shape."""
        return not self.missing


def fit_shapes(columns: Sequence[DraftColumn]) -> list[ShapeFit]:
    """The shapes that fit, the best one first; behind those that are whole, those that lack a field."""
    fits = [_fit(name, shape, columns) for name, shape in load_shapes().items()]
    useful = [
        fit
        for fit in fits
        if len(fit.fields) >= MIN_FIELDS
        and (fit.is_whole or (len(fit.missing) == 1 and len(fit.fields.keys() - _COMMON) >= MIN_FIELDS))
    ]
    return sorted(useful, key=lambda fit: (not fit.is_whole, -fit.score))


def holds_more_than_goods(header: str) -> bool:
    """Whether an amount holds postage or tax too, by its header, or may, as the whole of an order does."""
    words = all_words(header)
    return (
        bool(set(words.split()) & BEYOND_GOODS_WORDS)
        or plain(header) in WHOLE_ORDER_WORDS
        or any(not word.isascii() and word in words for word in BEYOND_GOODS_WORDS)
    )


def _fit(name: str, shape: Shape, columns: Sequence[DraftColumn]) -> ShapeFit:
    fields: dict[str, DraftColumn] = {}
    used: set[int] = set()
    score = 0
    by_concept: dict[str, list[DraftColumn]] = {}
    for column in columns:
        for concept in concepts_of(column.header):
            by_concept.setdefault(concept, []).append(column)
    # required fields choose first
    order = sorted(shape.fields, key=lambda item: not shape.fields[item].required)
    for field in order:
        for rank, concept in enumerate(FIELD_CONCEPTS.get(field, (field,))):
            found = next(
                (
                    column
                    for column in by_concept.get(concept, ())
                    if column.position not in used
                    and column.type.name in _TYPES[shape.fields[field].type]
                    and not (field in _GOODS and holds_more_than_goods(column.header))
                ),
                None,
            )
            if found:
                fields[field] = found
                used.add(found.position)
                own = (1 if field in _COMMON else 3) if rank == 0 else 1
                score += own + (2 if shape.fields[field].required else 0)
                break
    missing = [item for item in shape.fields if shape.fields[item].required and item not in fields]
    if shape.one_of and not fields.keys() & set(shape.one_of):
        missing.append(" or ".join(shape.one_of))
    ordered = {item: fields[item] for item in shape.fields if item in fields}
    return ShapeFit(name, ordered, missing, score)
