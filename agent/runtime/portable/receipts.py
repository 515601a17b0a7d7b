"""What is known of a file that was taken: in this machine, and beside the file, for whoever holds it next.

Contract: `Receipt` is a value; `keep` writes it durably or raises MediumError, `read` finds it, None where there is
none.
Rules: a receipt is written before the first event is delivered, and again when the last one is. It tells a second
machine to leave the file alone, and the device that its events have arrived.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from agent.runtime.portable.medium import whole_file

SUFFIX: Final = ".receipt"
LARGEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Receipt:
    """`id`: of the export. `machine`, `host`: who took it. `taken`, `delivered`: wall s; None: not all of it yet.

    `ranges`: which events, as (generation, first, last). `outcome`: messages delivered and refused, by destination.
    """

    id: str
    device: str
    machine: str
    host: str
    taken: float
    ranges: list[list[str | int]]
    delivered: float | None = None
    outcome: dict[str, dict[str, int]] | None = None


def beside(file: Path) -> Path:
    """Where the receipt of `file` is."""
    return file.with_name(file.name + SUFFIX)


def keep(receipt: Receipt, path: Path) -> None:
    """Write it durably. Raises MediumError."""
    with whole_file(path) as file:
        file.write(json.dumps(asdict(receipt), indent=2).encode("ascii") + b"\n")


def read(path: Path) -> Receipt | None:
    """The receipt at `path`; None where there is none that can be understood."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(LARGEST))
        receipt = Receipt(**said)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    is_sound = isinstance(receipt.id, str) and isinstance(receipt.machine, str) and isinstance(receipt.host, str)
    return receipt if is_sound and isinstance(receipt.taken, int | float) else None


def delivered_in(folder: Path) -> list[Receipt]:
    """The receipts in `folder` of files whose events have all been delivered. Raises OSError."""
    found = [read(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return [receipt for receipt in found if receipt is not None and receipt.delivered is not None]
