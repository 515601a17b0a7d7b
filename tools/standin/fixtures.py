"""The made-up partners and application tokens that the stand-in knows.

Contract: `load()` gives the defaults of fixtures.json, which are those of the recorded cases, so that a demo, a test
and the recorded server agree; `load(path)` reads another file of the same form.

Rules: all values were invented for a recording and belong to no account. Seconds are `_s`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DEFAULTS = Path(__file__).with_name("fixtures.json")

ACTIVE = 2


@dataclass(frozen=True, slots=True)
class Partner:
    """An account: `secret` opens user sessions, `admin_secret` all of them."""

    number: int
    secret: str
    admin_secret: str
    widget: str | None


@dataclass(frozen=True, slots=True)
class AppToken:
    """An application token, from which a device opens its sessions."""

    ident: str
    partner: int
    token: str
    hash_type: str
    status: int
    session_type: int
    user: str
    duration_s: int
    privileges: str
    is_expired: bool
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Fixtures:
    """Everything the stand-in would otherwise find in a database."""

    partners: dict[int, Partner]
    tokens: dict[str, AppToken]


def load(path: Path = _DEFAULTS) -> Fixtures:
    """Read a fixtures file. Raises OSError, ValueError or KeyError if it is not one."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    partners = [
        Partner(int(row["partnerId"]), row["secret"], row["adminSecret"], row.get("widgetId"))
        for row in data["partners"]
    ]
    tokens = [_token(row, int(data["app_tokens_partner"])) for row in data["app_tokens"].values()]
    return Fixtures({p.number: p for p in partners}, {t.ident: t for t in tokens})


def _token(row: dict[str, Any], partner: int) -> AppToken:
    return AppToken(
        ident=row["id"],
        partner=partner,
        token=row["token"],
        hash_type=row["hashType"],
        status=int(row["status"]),
        session_type=int(row["sessionType"]),
        user=row["sessionUserId"],
        duration_s=int(row["sessionDuration"]),
        privileges=row["sessionPrivileges"],
        is_expired=row.get("expiry") == "in the past",
        is_deleted="deleted" in row.get("note", ""),
    )
