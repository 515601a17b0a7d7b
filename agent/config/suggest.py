"""Guesses what was meant by a word that is not known.

Contract: `closest(word, known)` answers one of `known` or None, never a wild guess.
Rules: spelling of a style (partnerId, partner-id, PARTNER_ID) is seen through first; then a word that is the
beginning of a known one (duration for duration_s); then a few typing slips.
"""

import re
from collections.abc import Iterable

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# No name of ours is half as long, and comparing takes time with each letter of what a stranger wrote.
_LONGEST = 64
# More slips than one in three letters is another word, not a slip.
_LETTERS_PER_SLIP = 3


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    if len(word) > _LONGEST:
        return None
    plain = _plain(word)
    candidates = sorted(known)
    for candidate in candidates:
        if _plain(candidate) == plain:
            return candidate
    for candidate in candidates:
        if len(plain) >= 2 and _plain(candidate).startswith(plain):
            return candidate
    slips, best = min(((_distance(plain, _plain(candidate)), candidate) for candidate in candidates), default=(99, ""))
    return best if slips <= max(1, len(plain) // _LETTERS_PER_SLIP) and slips < len(plain) else None


def _plain(word: str) -> str:
    return _CAMEL.sub("_", word).lower().replace("-", "").replace("_", "").replace(" ", "")


def _distance(left: str, right: str) -> int:
    """Edits (insert, delete, replace, swap neighbours) that turn one word into the other."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
