"""What kiosk-attach says to people."""

import errno
import os
from pathlib import Path

import pytest

from agent.player.attached.address import user
from agent.player.attached.source import Attachment
from agent.player.attached.wording import found, reached, unreached

SOCKET = Path("/run/kiosk-agent/player.sock")


def test_others_are_named_as_what_they_are() -> None:
    """Whoever has started a second VLC looks for it."""
    assert "follows vlc" == found(Attachment("vlc"))
    assert "follows vlc (there, and not followed: vlc.instance7)" == found(Attachment("vlc", ("vlc.instance7",)))
    assert "no vlc2: start it (there, and not followed: vlc)" == found(Attachment(None, ("vlc",), "no vlc2: start it"))


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (None, "hung up"),
        (errno.ENOENT, "--socket"),
        (errno.ECONNREFUSED, "does not listen at /run/kiosk-agent/player.sock: start it"),
        (errno.EACCES, f"sudo adduser {user(os.geteuid())} kiosk-player"),
        (errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG)),
    ],
)
def test_each_way_that_is_barred_has_its_remedy(why: int | None, said: str) -> None:
    """A missing agent, a wrong socket and a missing membership look alike from outside."""
    assert said in unreached(SOCKET, why)
    assert str(SOCKET) in unreached(SOCKET, why)


def test_agent_that_is_reached_is_told_with_its_place() -> None:
    """It ends the doubt."""
    assert "connected with kiosk-agent at /run/kiosk-agent/player.sock" == reached(SOCKET)
