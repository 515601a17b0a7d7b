"""What can go wrong with the store, named after what the caller must decide.

Contract: every exception that leaves this room is a `StoreError`; `remedy` is a sentence for a person.
Rules: a running daemon survives every `StoreTrouble`: it keeps what it has and tries again later. After `StoreFull`
nothing was written, and the store goes on by itself when there is room. After `StoreDamaged` and `StoreFailed` nobody
knows; the store takes nothing more until `Outbox.mend` has opened it anew, which is the same repair as a start's. The
names are states of the store and end in no "Error" (N818), because they are read in `except` clauses and shown to
people.
"""

from pathlib import Path


class StoreError(Exception):
    """The store cannot do what was asked."""

    def __init__(self, text: str, *, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class StoreBusy(StoreError):  # noqa: N818
    """Another process has the store; `pid` is None where it did not say which."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = "another process" if pid is None else f"process {pid}"
        super().__init__(f"The store in {folder} is in use by {holder}.", remedy="Stop the other kiosk-agent first.")
        self.pid = pid


class StoreTooNew(StoreError):  # noqa: N818
    """A later version of the program wrote the store. It is left untouched."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The store has schema {found}; this program knows schemas up to {known}.",
            remedy="Install the newer kiosk-agent again, or move the store out of the state folder.",
        )
        self.found = found
        self.known = known


class StoreUnusable(StoreError):  # noqa: N818
    """The folder or the file cannot be used as it is (read-only, no permission, somebody else's database)."""


class StoreUnreachable(StoreUnusable):
    """The disk cannot be used at the moment: read-only, broken, or without any room."""


class StoreTrouble(StoreError):  # noqa: N818
    """The store cannot do this at the moment. Keep what you have and try again."""


class StoreFull(StoreTrouble):
    """The disk is full and no room could be made. Nothing was written; keep the records and try again."""


class StoreDamaged(StoreTrouble):
    """The file contradicts itself. The mending, or the next start, sets it aside and saves what can be read."""


class StoreClosed(StoreError):  # noqa: N818
    """This process has closed the store. Whoever is still at work was left behind at the end."""


class StoreFailed(StoreTrouble):
    """The machine could not say whether a write happened (I/O error)."""
