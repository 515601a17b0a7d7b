"""The file for node_exporter's textfile collector.

Contract: `write(path, text)` puts it there whole, readable for everybody; raises OSError.
Rules: a file beside it and a rename, so that a reader never sees half of one. It is not synced: after a power cut an
old one or none is as good. What the metrics say is no secret to the machine's users (0644): node_exporter has a user of
its own.
"""

import os
from contextlib import suppress
from pathlib import Path

MODE = 0o644


def write(path: Path, text: str) -> None:
    """Put `text` in the place of `path`."""
    # Not .prom: node_exporter would read it too. The name is ours alone, so that what a kill left is written over.
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        os.fchmod(descriptor, MODE)
        file.write(text)
    beside.replace(path)
