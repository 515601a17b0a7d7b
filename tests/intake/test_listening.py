"""The socket on which the intake listens: real files, real permissions, real descriptors."""

import grp
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from agent.intake.listening import IntakeError, handed_over, open_listener
from tests.support.applications import Application, Loop, serving

GROUP = grp.getgrgid(os.getegid()).gr_name


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_own_socket_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whoever may report may invent visitors; nobody else may, until the configuration says so."""
    listener = open_listener(None, None, tmp_path, {})
    assert (0o600, None, tmp_path / "intake.sock") == (mode(listener.path), listener.group, listener.path)
    listener.close()
    assert [] == list(tmp_path.iterdir())


def test_group_may_connect_where_one_is_named(tmp_path: Path) -> None:
    """The kiosk's application runs as a user of its own."""
    listener = open_listener(None, GROUP, tmp_path, {})
    assert (0o660, os.getegid()) == (mode(listener.path), listener.path.stat().st_gid)
    assert os.getegid() == listener.group
    listener.close()


@pytest.mark.parametrize(("permissions", "doubts"), [(0o700, 1), (0o710, 0), (0o711, 0), (0o701, 0)])
def test_folder_that_the_group_may_not_enter_is_told(tmp_path: Path, permissions: int, doubts: int) -> None:
    """The state folder is closed: the application would only see that nobody listens."""
    (tmp_path / "run").mkdir()
    os.chown(tmp_path / "run", -1, os.getegid())
    (tmp_path / "run").chmod(permissions)
    with structlog.testing.capture_logs() as logged:
        open_listener(None, GROUP, tmp_path / "run", {}).close()
        open_listener(None, None, tmp_path / "run", {}).close()
    assert ["intake's folder is closed to its group"] * doubts == [each["event"] for each in logged]


def test_runtime_folder_of_the_service_and_a_configured_path_are_used(tmp_path: Path) -> None:
    """Both before the state folder, which is closed to others."""
    (tmp_path / "run").mkdir()
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "run")}
    for configured, path in ((None, tmp_path / "run" / "intake.sock"), (str(tmp_path / "a.sock"), tmp_path / "a.sock")):
        listener = open_listener(configured, None, tmp_path, environment)
        assert path == listener.path
        assert stat.S_ISSOCK(path.stat().st_mode)
        listener.close()


def test_long_path_works(tmp_path: Path) -> None:
    """A Unix address holds 107 bytes; a state folder's path may be longer."""
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 8)
    deep.mkdir(parents=True)
    listener = open_listener(None, GROUP, deep, {})
    assert 0o660 == mode(deep / "intake.sock")
    listener.close()


def test_socket_of_a_killed_agent_is_replaced(tmp_path: Path) -> None:
    """SIGKILL is the shutdown path."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "intake.sock"))
    left.close()
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        assert "ok" in app.say(type="page")


def test_socket_on_which_somebody_listens_is_left_alone(tmp_path: Path) -> None:
    """Two agents with one configuration: the second must not steal the first one's applications."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        with pytest.raises(IntakeError, match="another process listens") as refused:
            open_listener(None, None, tmp_path, {})
        assert "intake.socket" in refused.value.remedy
        with Application(tmp_path) as app:
            assert "ok" in app.say(type="page")


def test_file_that_is_no_socket_is_never_removed(tmp_path: Path) -> None:
    """A typing error in intake.socket must not cost somebody a file."""
    (tmp_path / "intake.sock").write_text("precious")
    with pytest.raises(IntakeError, match="is no socket"):
        open_listener(None, None, tmp_path, {})
    assert "precious" == (tmp_path / "intake.sock").read_text()


@pytest.mark.parametrize(
    ("configured", "group", "words"),
    [("/nowhere/at/all/a.sock", None, "cannot listen on /nowhere/at/all/a.sock"), (None, "no-such-group", "no group")],
)
def test_what_cannot_be_opened_says_why_and_what_to_do(
    tmp_path: Path, configured: str | None, group: str | None, words: str
) -> None:
    """The person who installs the kiosk reads it in the log."""
    with pytest.raises(IntakeError, match=words) as refused:
        open_listener(configured, group, tmp_path, {})
    assert refused.value.remedy
    assert [] == list(tmp_path.iterdir())


def test_group_that_the_agent_may_not_give_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a member may give a file to a group; and no socket stays behind half open."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(IntakeError, match=r"group of intake\.group") as refused:
        open_listener(None, GROUP, tmp_path, {})
    assert "SupplementaryGroups=" in refused.value.remedy
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("environment", "number"),
    [
        ({}, None),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "intake"}, 3),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "web:other:intake"}, 5),
        ({"LISTEN_PID": "8", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "intake"}, None),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web:intake"}, None),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "1"}, None),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "one", "LISTEN_FDNAMES": "intake"}, None),
        ({"LISTEN_PID": "7", "LISTEN_FDS": "²", "LISTEN_FDNAMES": "intake"}, None),
    ],
)
def test_descriptor_is_ours_only_by_process_and_name(environment: dict[str, str], number: int | None) -> None:
    """A child inherits the environment and not the descriptors; other sockets may be handed over, too."""
    assert number == handed_over(environment, 7)


# What a service does that systemd starts: the descriptor is number 3, and the process id is its own.
SERVICE = """
import os, sys
from pathlib import Path
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
from agent.intake.listening import IntakeError, open_listener
from tests.support.applications import Loop, serving
try:
    listener = open_listener("/nowhere/a.sock", None, Path("/nowhere"), os.environ)
except IntakeError as error:
    sys.exit(f"{error} {error.remedy}")
with serving(listener, Loop().put):
    print("serving", listener.socket.get_inheritable(), flush=True)
    sys.stdin.read()
"""


def service(handed: socket.socket, names: str) -> "subprocess.Popen[str]":
    """A process to which `handed` is passed as systemd does it."""
    number = handed.fileno()
    return subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=(number,),
        env={**os.environ, "LISTEN_FDS": str(len(names.split(":"))), "LISTEN_FDNAMES": names},
        cwd=Path(__file__).parents[2],
    )


def test_socket_of_systemd_goes_first_and_outlives_the_agent(tmp_path: Path) -> None:
    """An application that connects while the agent restarts waits in systemd's queue, and loses nothing."""
    with socket.socket(socket.AF_UNIX) as handed:
        handed.bind(str(tmp_path / "intake.sock"))
        handed.listen(8)
        for _ in range(2):
            with Application(tmp_path) as app:  # before the service is there
                app.send(b'{"type":"page"}\n')
                with service(handed, "intake") as running:
                    assert running.stdout is not None
                    assert "serving False\n" == running.stdout.readline()
                    assert {"ok": {"id": "g-1-0"}} == app.answer()
                    running.communicate("")
                    assert 0 == running.returncode
        assert (tmp_path / "intake.sock").exists()


AGAIN = """
import os, sys
from pathlib import Path
from agent.intake.listening import open_listener
os.environ["LISTEN_PID"] = str(os.getpid())
open_listener(None, None, Path("/nowhere"), os.environ).close()
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], "3"])
"""


def test_socket_of_systemd_is_there_when_the_agent_starts_itself_again(tmp_path: Path) -> None:
    """A setting that needs the agent anew must not shut the application out: the process stays, and its socket."""
    with socket.socket(socket.AF_UNIX) as handed:
        handed.bind(str(tmp_path / "intake.sock"))
        handed.listen(8)
        first = f"import os, sys; os.dup2(int(sys.argv[2]), 3)\n{AGAIN}"
        with (
            Application(tmp_path) as app,
            subprocess.Popen(
                [sys.executable, "-c", first, SERVICE, str(handed.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=(handed.fileno(),),
                env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "intake"},
                cwd=Path(__file__).parents[2],
            ) as running,
        ):
            app.send(b'{"type":"page"}\n')
            assert {"ok": {"id": "g-1-0"}} == app.answer()
            running.communicate("")
            assert 0 == running.returncode


@pytest.mark.parametrize("kind", ["datagram", "not listening", "file"])
def test_descriptor_of_another_kind_is_told(tmp_path: Path, kind: str) -> None:
    """A unit with ListenDatagram= or Accept=yes."""
    if kind == "file":
        with (tmp_path / "file").open("wb") as opened:
            refused = service(opened, "intake")  # type: ignore[arg-type]  # all that is asked of it is its number
            _, words = refused.communicate("")
    else:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM) as handed:
            handed.bind(str(tmp_path / "a.sock"))
            refused = service(handed, "intake")
            _, words = refused.communicate("")
    assert 1 == refused.returncode
    assert "systemd's socket" in words
    assert "FileDescriptorName=intake" in words
