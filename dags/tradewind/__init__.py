"""Tradewind: what platforms export, loaded once, turned into the assessment indices of every post."""
