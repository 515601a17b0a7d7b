"""A test play on its way into the reports, and the file that remembers it.

Contract: `write` keeps a `Pending` in a new private file of the folder for temporary files, `rewrite` replaces its
content, `read` gives it back, PendingError where the file is none of ours. No secret is in it.
Rules: written before anything is sent, so that whoever ends the command with Ctrl-C, or loses the line to the kiosk,
can go on from there.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.sinks.kaltura.report import Window

FORMAT = "kiosk-agent verify 1"


class PendingError(Exception):
    """The file does not hold a test play; the text says why."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One test play. `sent_at`: epoch s by the service's clock, or the device's where the service has none.

    `window`: what the report is asked about. `baseline`: what it said before. `skew`: the device's clock minus the
    service's (s), None where the service tells no time.
    """

    service_url: str
    partner_id: int
    entry_id: str
    session_id: str
    sent_at: float
    skew: float | None
    window: Window
    baseline: Mapping[str, int]


def write(pending: Pending, folder: Path | None = None) -> Path:
    """Keep `pending` in a file of its own, which only this user may read. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix="kiosk-agent-verify-", suffix=".json", dir=folder)
    os.close(descriptor)
    path = Path(name)
    rewrite(path, pending)
    return path


def rewrite(path: Path, pending: Pending) -> None:
    """Let the file hold `pending` from now on. Raises OSError."""
    path.write_text(json.dumps({"format": FORMAT, **asdict(pending)}, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Pending:
    """The test play in the file. Raises PendingError."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PendingError(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}") from None
    except (ValueError, RecursionError):
        raise PendingError(f"{path} is not JSON") from None
    match found:
        case {"format": str(form)} if form != FORMAT:
            raise PendingError(f"{path} is of another version ({form[:40]})")
        case {
            "format": str(),
            "service_url": str(service_url),
            "partner_id": int(partner_id),
            "entry_id": str(entry_id),
            "session_id": str(session_id),
            "sent_at": int() | float() as sent_at,
            "skew": None | int() | float() as skew,
            "window": {"start": int(start), "end": int(end)},
            "baseline": dict(baseline),
        } if all(isinstance(number, int) for number in baseline.values()):
            window = Window(start, end)
            return Pending(service_url, partner_id, entry_id, session_id, sent_at, skew, window, baseline)
        case _:
            raise PendingError(f"{path} is no test play of kiosk-agent verify")
