"""What counts as a blank at the edges of a cell: all spaces and line breaks, and the marks that show
nothing.
"""

from __future__ import annotations

BLANK_CHARACTERS = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
# as a regular expression
BLANKS = "[ \t-\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]*"
