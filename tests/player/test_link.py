"""The agent's end of the link: bounded, private, and never waiting for the host."""

import grp
import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.player import wire
from agent.player.codec import encode
from agent.player.link import MAX_PATH_BYTES, Closed, Connection, LinkPathError, Listener, Silence
from tests.support.players import short_folder


@pytest.fixture
def path() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / "player.sock"


def _connected(path: Path) -> tuple[Listener, socket.socket, Connection]:
    listener = Listener(path)
    host = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    host.connect(str(path))
    connection = listener.accept(10)
    assert connection is not None
    return listener, host, connection


def test_messages_pass_both_ways_and_bad_lines_are_counted(path: Path) -> None:
    """A line of noise must not cost the lines around it."""
    listener, host, connection = _connected(path)
    host.sendall(encode(wire.Beat(1.0, 2, 3.0)) + b"noise\n" + encode(wire.Beat(1.5, 2, None)))
    assert connection.receive(10) == [wire.Beat(1.0, 2, 3.0), wire.Beat(1.5, 2, None)]
    assert connection.bad_lines == 1
    assert connection.send(wire.Pause())
    assert host.recv(100) == encode(wire.Pause())
    assert connection.pid == os.getpid()
    connection.close()
    listener.close()
    host.close()


def test_silence_and_end_are_told_apart(path: Path) -> None:
    """A hung host must be killed; a dead one only mourned."""
    listener, host, connection = _connected(path)
    assert connection.receive(0.01) == Silence()
    host.close()
    assert connection.receive(10) == Closed()
    connection.close()
    assert connection.receive(0.01) == Closed()
    assert connection.send(wire.Pause()) is False
    listener.close()


def test_host_that_takes_nothing_is_cut_off_instead_of_waited_for(path: Path) -> None:
    """The main loop sends; if it waited for a hung host, the whole agent would hang."""
    listener, host, connection = _connected(path)
    while connection.send(wire.SetVolume(1)):
        pass
    assert connection.receive(10) == Closed()
    connection.close()
    listener.close()
    host.close()


def test_socket_is_private_and_replaces_a_stale_one(path: Path) -> None:
    """Whoever could connect could report plays; a socket left by a power cut must not keep us from starting."""
    Listener(path)
    listener = Listener(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert listener.accept(0.01) is None
    listener.close()
    assert not path.exists()


# Not our Python, which may lie in a folder of root's that nobody else may enter; each Debian has this one.
_DIALS = (
    "socket(S, PF_UNIX, SOCK_STREAM, 0) or die; connect(S, pack_sockaddr_un($ARGV[0])) or die; exit(sysread(S, $_, 1))"
)


def _dial(path: Path, **who: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["/usr/bin/perl", "-MSocket", "-e", _DIALS, str(path)], stderr=subprocess.DEVNULL, **who)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_only_members_of_the_group_may_dial_a_socket_that_is_made_for_one(path: Path) -> None:
    """The player is another user's process then; whoever else could connect could report plays."""
    path.parent.chmod(0o755)
    nobody, group = 65534, grp.getgrgid(1)
    listener = Listener(path, group.gr_name)
    assert (0o660, group.gr_gid) == (stat.S_IMODE(path.stat().st_mode), path.stat().st_gid)
    members: list[dict[str, Any]] = [{"group": group.gr_gid}, {"group": nobody, "extra_groups": [group.gr_gid]}]
    for who in members:
        with _dial(path, user=nobody, **{"extra_groups": [], **who}) as member:
            connection = listener.accept(30)
            assert connection is not None
            assert member.pid == connection.pid
            connection.close()
    path.chmod(0o666)  # even if the file let him in
    with _dial(path, user=nobody, group=nobody, extra_groups=[]) as stranger:
        assert None is listener.accept(30)
        assert 0 == stranger.wait(30)
    listener.close()


def test_group_that_is_not_there_leaves_the_socket_private(path: Path) -> None:
    """And says so, for the player's service could not dial it then."""
    with capture_logs() as logs:
        listener = Listener(path, "no-such-group-anywhere")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["there is no such group"] == [line["reason"] for line in logs]
    listener.close()


def test_unusable_path_is_told_in_words(tmp_path: Path) -> None:
    """The kernel's own message for a long path ("AF_UNIX path too long") names neither path nor bound."""
    with pytest.raises(LinkPathError, match=str(MAX_PATH_BYTES)):
        Listener(tmp_path / ("x" * MAX_PATH_BYTES))
    with pytest.raises(LinkPathError, match="No such file"):
        Listener(Path("/nowhere/at/all.sock"))
