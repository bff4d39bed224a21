"""From a place elsewhere (S3, SFTP, another folder) into landing, where files are loaded as always."""

from tradewind.fetching.place import FetchError
from tradewind.fetching.run import fetch, find_new, is_young

__all__ = ["FetchError", "fetch", "find_new", "is_young"]
