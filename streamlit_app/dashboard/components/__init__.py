"""Parts that pages share: filter bar, cards, charts, states."""
