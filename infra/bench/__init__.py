"""Measurements of Tradewind on the machine at hand, as ratios within one run."""
