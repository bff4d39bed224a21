"""Files within files: gzip, zip, workbooks, JSON; what parses them runs in a child process with limits."""
