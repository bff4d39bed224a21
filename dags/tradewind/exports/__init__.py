"""Report types as contracts: what a file is, and how to read it."""

from tradewind.exports.contract import Contract, ContractError, load_contracts
from tradewind.exports.export import Export, open_export
from tradewind.exports.faults import Fault, RefusedFileError
from tradewind.exports.recognise import Header, recognise

__all__ = [
    "Contract",
    "ContractError",
    "Export",
    "Fault",
    "Header",
    "RefusedFileError",
    "load_contracts",
    "open_export",
    "recognise",
]
