"""Texts for a terminal, which obeys control characters."""

import re

_CONTROL = re.compile(
    r"[^\n\x20-\x7e\xa0-\u200a\u2010-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\U0010ffff]"
)


def printable(text: str) -> str:
    """A text in which control characters stand as their numbers.

    Names of gases and processes come from files of others, and could move the cursor, change the
    title of the window, or turn the direction of what follows.

    Parameters
    ----------
    text : str
        Line breaks stay.
    """
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
