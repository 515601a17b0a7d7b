"""From an export to its file.

Contract: `write_file` puts one file with all rows of an export onto a medium and returns its path; raises MediumError,
CipherError, and whatever `pages` raises. The file has its name only once all of it is durable there.
Rules: the name says the device, the generation and the sequences, so that files of many devices lie side by side; the
same export written again has the same name.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agent.kernel.release import VERSION
from agent.outbox.exporting import Export, Page
from agent.outbox.schema import COLUMNS, SCHEMA
from agent.runtime.portable.cipher import CipherError, Sealed, fingerprint
from agent.runtime.portable.format import Header, written
from agent.runtime.portable.medium import MediumError, plain_name, whole_file

SUFFIX = ".kioskqueue"

FULL_BYTES = 128 * 1024
"""Less free space than that is why a write failed: more than the largest cluster of a stick."""

Pages = Callable[[int | None], Page]
"""The rows behind a sequence; None: from the beginning."""


def write_file(export: Export, pages: Pages, folder: Path, *, recipient: Path | None) -> Path:
    """Write the file into `folder`. `recipient`: the certificate (PEM) that it is encrypted to, None for clear."""
    header = Header(
        id=export.id,
        device=export.device,
        generation=export.generation,
        first=export.first,
        last=export.last,
        made=export.made,
        made_synced=export.made_synced,
        waiting=export.waiting,
        schema=SCHEMA,
        program=VERSION,
        recipient=None if recipient is None else fingerprint(recipient),
    )
    path = folder / file_name(export)
    pieces = written(header, COLUMNS, _rows(pages))
    with whole_file(path) as file:
        file.write(header.line())
        if recipient is None:
            for piece in pieces:
                file.write(piece)
            return path
        file.flush()
        try:
            with Sealed(recipient, file) as sealed:
                for piece in pieces:
                    sealed.write(piece)
                sealed.finish()
        except CipherError as error:
            # openssl writes the file itself, and does not say why it could not.
            if shutil.disk_usage(folder).free < FULL_BYTES:
                raise MediumError(f"{folder} is full.") from error
            raise
    return path


def file_name(export: Export) -> str:
    """`device-001_1a2b3c4d_17-2048.kioskqueue`."""
    return f"{plain_name(export.device)}_{export.generation[:8]}_{export.first}-{export.last}{SUFFIX}"


def _rows(pages: Pages) -> Iterator[list[Any]]:
    after: int | None = None
    while True:
        page = pages(after)
        yield from page.rows
        if page.after is None:
            return
        after = page.after
