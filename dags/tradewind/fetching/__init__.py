"""From a place elsewhere (S3, SFTP, another folder) into landing, where files are loaded as always."""

from tradewind.fetching.fetch import fetch, find_new, is_young
from tradewind.fetching.place import FetchError

__all__ = ["FetchError", "fetch", "find_new", "is_young"]
