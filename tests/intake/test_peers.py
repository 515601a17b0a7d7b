"""Who is at the other end, told by the kernel: real processes of other users."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent.intake.listening import Listener
from agent.intake.peers import Door, Peer, peer_of
from tests.support.applications import Application, Loop, serving

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
NOBODY, SOME_GROUP, OTHER_GROUP = 65_534, 54_321, 54_322

ASK = """
import os, socket, sys
path, uid, gid, *groups = sys.argv[1:]
os.setgroups([int(group) for group in groups])
os.setresgid(int(gid), int(gid), int(gid))
os.setresuid(int(uid), int(uid), int(uid))
asked = socket.socket(socket.AF_UNIX)
asked.connect(path)
try:
    asked.sendall(b'{"type":"page"}\\n')
except OSError:
    pass
print(asked.makefile().readline(), end="")
"""


def ask_as(path: Path, uid: int, gid: int, *groups: int) -> str:
    """What the socket answers to a page view of a process of that user."""
    arguments = [str(path), *(str(number) for number in (uid, gid, *groups))]
    done = subprocess.run(
        [sys.executable, "-I", "-c", ASK, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


def wide_open(folder: Path, group: int | None) -> Listener:
    """A socket that everybody may connect to: what is left is the judgement about the peer."""
    made = socket.socket(socket.AF_UNIX)
    path = folder / "intake.sock"
    made.bind(str(path))
    path.chmod(0o666)
    made.listen(8)
    made.setblocking(False)
    return Listener(made, path, group, made=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that every user can reach; pytest's own are closed to others."""
    if os.geteuid() == 0:
        for each in (tmp_path, *tmp_path.parents[:2]):
            each.chmod(0o755)
    return tmp_path


def test_own_process_is_known_by_the_kernel() -> None:
    """The other end of a pair is this process."""
    left, right = socket.socketpair()
    with left, right:
        peer = peer_of(left)
    assert (os.getpid(), os.geteuid()) == (peer.pid, peer.uid)
    assert {os.getegid(), *os.getgroups()} == peer.groups
    assert f"uid {os.geteuid()} pid {os.getpid()}" == str(peer)


@pytest.mark.parametrize(
    ("uid", "groups", "group", "may"),
    [(0, (), None, True), (7, (), None, True), (8, (), None, False), (8, (5,), 5, True), (8, (6,), 5, False)],
)
def test_door_opens_to_root_the_owner_and_the_group(uid: int, groups: tuple[int, ...], group: int, may: bool) -> None:
    """And to nobody else: what is told counts in a customer's reports."""
    assert may == Door(owner=7, group=group).opens_to(Peer(1, uid, frozenset(groups)))


@ROOT_ONLY
def test_member_of_the_group_is_let_in_by_primary_or_supplementary_group(folder: Path) -> None:
    """systemd's SupplementaryGroups= makes members that no file of the machine knows."""
    loop = Loop()
    with serving(wide_open(folder, SOME_GROUP), loop.put) as running:
        assert "g-1-0" in ask_as(running_path(folder), NOBODY, SOME_GROUP)
        assert "g-2-0" in ask_as(running_path(folder), NOBODY, OTHER_GROUP, SOME_GROUP)
        assert 2 == running.counters["accepted"]
    assert f"uid {NOBODY} pid " in loop.told[0].who


@ROOT_ONLY
def test_stranger_is_refused_in_words_and_counted(folder: Path) -> None:
    """Somebody opened the file's permissions by hand: the kernel still knows who it is."""
    loop = Loop()
    with serving(wide_open(folder, SOME_GROUP), loop.put) as running:
        refused = ask_as(running_path(folder), NOBODY, OTHER_GROUP)
        assert f'"text": "user {NOBODY} may not report here: it is no member of intake.group"' in refused
        assert '"reason": "peer-refused"' in refused
        assert 1 == running.counters["peer-refused"]
    assert [] == loop.told


@ROOT_ONLY
def test_without_a_group_nobody_else_is_let_in(folder: Path) -> None:
    """The default."""
    loop = Loop()
    with serving(wide_open(folder, None), loop.put):
        assert "there is no intake.group" in ask_as(running_path(folder), NOBODY, SOME_GROUP)
        with Application(folder) as root:
            assert "ok" in root.say(type="page")
    assert 1 == len(loop.told)


@ROOT_ONLY
def test_process_that_has_ended_is_still_known(folder: Path) -> None:
    """The kernel keeps what it was; its process id may by now be another's."""
    path, found = folder / "late.sock", []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        path.chmod(0o666)
        listening.listen(1)
        code = ASK.replace("print(asked.makefile().readline(), end='')", "").rpartition("print")[0]
        arguments = [sys.executable, "-I", "-c", code, str(path), str(NOBODY), str(OTHER_GROUP), str(SOME_GROUP)]
        thread = threading.Thread(target=lambda: found.append(subprocess.run(arguments, check=True)), name="asking")
        thread.start()
        thread.join(60)
        assert 1 == len(found)
        connection, _ = listening.accept()
        with connection:
            peer = peer_of(connection)
    assert (NOBODY, frozenset((OTHER_GROUP, SOME_GROUP))) == (peer.uid, peer.groups)


class TooManyGroups:
    """A connection of somebody in more groups than Python's getsockopt can tell."""

    def getsockopt(self, _level: int, option: int, _length: int) -> bytes:
        if option == socket.SO_PEERCRED:
            return b"".join(number.to_bytes(4, sys.byteorder) for number in (1, 0, 0))
        raise OSError(34, "Numerical result out of range")


def test_member_of_very_many_groups_is_looked_up() -> None:
    """A company's directory puts people into hundreds."""
    peer = peer_of(TooManyGroups())  # type: ignore[arg-type]  # all that is asked of it
    assert 0 == peer.uid
    assert 0 in peer.groups


def running_path(folder: Path) -> Path:
    return folder / "intake.sock"
