"""Drafts the contract of an unknown export: every guess with its evidence, what is open as a question."""

from tradewind.drafting.draft import Draft, draft_contract, save_draft
from tradewind.drafting.guess import DraftError

__all__ = ["Draft", "DraftError", "draft_contract", "save_draft"]
