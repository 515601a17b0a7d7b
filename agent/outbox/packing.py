"""Long named texts made so short that they stay within their page.

Contract: pure. `unpacked` is the inverse of `packed`, and gives any text that was never packed as it is.
Rules: only what is longer than `LONG` is packed, so that the others can be read in the file by a person. A packed text
that is damaged stays as it is, for whoever reads it has to say what that means.
Reasons: a row of more than 989 bytes goes on in a page of its own, which SQLite frees and takes anew with each write:
8 KiB more of flash for every commit that writes the tracker's memory, in which one address stands five times.
"""

import zlib
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Final

LONG: Final = 600

_MARK: Final = "zlib:"


def packed(text: str) -> str:
    """`text`, or a shorter one that stands for it."""
    return text if len(text) <= LONG else _MARK + b64encode(zlib.compress(text.encode())).decode("ascii")


def unpacked(text: str) -> str:
    """What was packed."""
    if text.startswith(_MARK):
        with suppress(ValueError, zlib.error):
            return zlib.decompress(b64decode(text.removeprefix(_MARK), validate=True)).decode()
    return text
