"""Does a medium come over the network?"""

from pathlib import Path

import pytest

from agent.player.sources import is_local

TABLE = r"""/dev/mmcblk0p2 / ext4 rw,relatime 0 0
server:/media /srv/over\040there nfs4 rw 0 0
kiosk@server: /mnt/ssh fuse.sshfs rw 0 0
/dev/sda1 /mnt/stick fuseblk rw 0 0
/dev/sda2 /srv/over\040there/disk ext4 rw 0 0
nonsense
"""


@pytest.mark.parametrize(
    ("uri", "local"),
    [
        ("file:///srv/film.mp4", True),
        ("file:///srv/over%20there/film.mp4", False),
        ("file:///srv/over%20there/disk/film.mp4", True),
        ("file:///srv/over%20therefore/film.mp4", True),
        ("file:///mnt/ssh/film.mp4", False),
        ("file:///mnt/stick/film.mp4", True),
        ("file:///mnt/stick/../ssh/film.mp4", False),
        ("https://example.org/film.m3u8", False),
        ("udp://@239.0.0.1:5004", False),
        ("http://[", False),
    ],
)
def test_medium_is_local_where_no_network_is_between(tmp_path: Path, uri: str, local: bool) -> None:
    """A player that is restarted since a server is away is restarted for nothing."""
    mounts = tmp_path / "mounts"
    mounts.write_text(TABLE)
    assert local is is_local(uri, mounts)


def test_file_is_local_where_the_mounts_cannot_be_read(tmp_path: Path) -> None:
    """Most files are."""
    assert is_local("file:///srv/film.mp4", tmp_path / "none")
