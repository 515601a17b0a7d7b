"""Folders that forget."""

from pathlib import Path

import pytest

from agent.outbox.volatility import volatility

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:26 / /run rw,nosuid - tmpfs tmpfs rw
40 22 0:40 / /var/lib/kiosk\\040agent rw - overlay overlay rw
41 22 8:2 / /srv/data rw - ext4 /dev/mmcblk0p3 rw
42 22 8:2 / /srv/over rw - ext4 /dev/mmcblk0p3 rw
43 22 0:41 / /srv/over rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("/var/lib", None),
        ("/run/kiosk-agent", "memory"),
        ("/runner", None),
        ("/var/lib/kiosk agent/state", "overlay"),
        ("/srv/data/state", None),
        ("/srv/over/state", "memory"),
    ],
)
def test_the_mount_that_a_folder_is_on_decides(tmp_path: Path, folder: str, words: str | None) -> None:
    """A queue on a read-only image's overlay is gone after every power cut, and nobody would notice."""
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    found = volatility(Path(folder), table)
    assert (found is None) if words is None else (found is not None and words in found)


def test_the_real_mount_table_can_be_read() -> None:
    """/dev/shm is in memory on every Linux."""
    assert volatility(Path("/dev/shm")) is not None
