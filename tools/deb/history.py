"""The package's changelog, made from the project's.

Contract: `changelog(page, ...)` answers a Debian changelog of one entry: what CHANGELOG.md says of this version, or of
what is unreleased.
Rules: the headings are the changes that a system's administrator reads; the whole page is installed as NEWS.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from tools.deb.control import PACKAGE


def changelog(page: str, *, version: str, maintainer: str, epoch: int) -> str:
    """The text of debian/changelog."""
    changes = _headings(page, version) or ["A new version."]
    when = format_datetime(datetime.fromtimestamp(epoch, UTC))
    points = "\n".join(f"  * {change.rstrip('.')}." for change in changes)
    closing = f"  * All of it: /usr/share/doc/{PACKAGE}/NEWS.gz."
    return f"{PACKAGE} ({version}) stable; urgency=medium\n\n{points}\n{closing}\n\n -- {maintainer}  {when}\n"


def _headings(page: str, version: str) -> list[str]:
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    mine = next((each for each in sections if version in each.partition("\n")[0]), sections[0] if sections else "")
    return re.findall(r"^### (.+)$", mine, flags=re.MULTILINE)
