"""The road from the command line to the agent."""

import socket
import threading
from pathlib import Path

import pytest

from agent.intake import client
from agent.intake.client import AbsentError, Client, ClientError
from agent.intake.listening import open_listener
from tests.support.applications import Loop, serving


def test_answer_comes_back_from_the_first_agent_that_listens(tmp_path: Path) -> None:
    """A command typed by hand does not know which of two folders is in use."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        asked = Client([tmp_path / "nowhere" / "a.sock", tmp_path / "a.sock", tmp_path / "intake.sock"])
        assert {"id": 1, "ok": {"id": "g-1-0"}} == asked.ask({"type": "page", "page_name": "Ünter", "id": 1})
        asked.close()
    assert "Ünter" in str(loop.told[0].what)


def test_closed_folder_does_not_hide_the_groups_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state folder is asked first, and nobody but the agent's user may look into it."""
    connect = client._connect

    def connect_outside(made: socket.socket, path: Path) -> None:
        if path.parent.name == "closed":
            raise PermissionError
        connect(made, path)

    monkeypatch.setattr(client, "_connect", connect_outside)
    with serving(tmp_path, Loop().put):
        asked = Client([tmp_path / "closed" / "intake.sock", tmp_path / "intake.sock"])
        assert "ok" in asked.ask({"type": "page"})
        asked.close()
    with pytest.raises(ClientError, match=r"not allowed to use .*closed/intake\.sock; report as root"):
        Client([tmp_path / "closed" / "intake.sock", tmp_path / "none.sock"])


def test_long_path_is_reached(tmp_path: Path) -> None:
    """A Unix address holds 107 bytes."""
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 8)
    deep.mkdir(parents=True)
    with serving(open_listener(None, None, deep, {}), Loop().put):
        asked = Client([deep / "intake.sock"])
        assert "ok" in asked.ask({"type": "page"})
        asked.close()


def test_nobody_listening_says_where_it_looked(tmp_path: Path) -> None:
    """Nothing was kept, for certain; and the remedy stands beside it."""
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "dead.sock"))
    dead.close()
    with pytest.raises(AbsentError, match=r"dead\.sock or .*none\.sock; start one with: kiosk-agent run"):
        Client([tmp_path / "dead.sock", tmp_path / "none.sock"])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "hung up without an answer"),
        (b"hello\n", "is no agent"),
        (b"[]\n", "is no agent"),
        (b"{}\n", "is no agent"),
    ],
)
def test_what_is_no_answer_is_told(tmp_path: Path, said: bytes, words: str) -> None:
    """Another program's socket, or an agent that was killed in between: nobody knows whether it was kept."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.sock"))
        listening.listen(1)

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        thread = threading.Thread(target=answer, name="stranger")
        thread.start()
        asked = Client([tmp_path / "a.sock"])
        with pytest.raises(ClientError, match=words) as failed:
            asked.ask({"type": "page"})
        assert not isinstance(failed.value, AbsentError)
        asked.close()
        thread.join(30)


def test_agent_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell script must not hang with it."""
    monkeypatch.setattr(client, "ANSWER_WITHIN_S", 0.05)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.sock"))
        listening.listen(1)
        asked = Client([tmp_path / "a.sock"])
        with pytest.raises(ClientError, match="gave no answer"):
            asked.ask({"type": "page"})
        asked.close()


def test_queue_of_newcomers_that_is_full_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of short-lived scripts: one that comes too many waits its turn, but not for ever."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.sock"))
        listening.listen(0)
        first = Client([tmp_path / "a.sock"])
        made: list[Client] = []
        thread = threading.Thread(target=lambda: made.append(Client([tmp_path / "a.sock"])), name="late")
        thread.start()
        listening.accept()[0].close()
        thread.join(30)
        assert 1 == len(made)
        monkeypatch.setattr(client, "ANSWER_WITHIN_S", 0.05)
        with pytest.raises(ClientError, match=r"cannot use .*a\.sock"):
            Client([tmp_path / "a.sock"])
        for each in (first, *made):
            each.close()


def test_connection_that_was_closed_in_silence_is_made_anew(tmp_path: Path) -> None:
    """A pipe that says nothing for an hour: the agent restarted, or others needed the place. Nothing is said twice."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        asked = Client([tmp_path / "intake.sock"])
        assert "ok" in asked.ask({"type": "page", "page_name": "1"})
    with serving(tmp_path, loop.put):
        assert "ok" in asked.ask({"type": "page", "page_name": "2"})
    assert 2 == len(loop.told)
    with pytest.raises(AbsentError):
        asked.ask({"type": "page", "page_name": "3"})
    asked.close()


def test_refusal_said_before_the_line_was_heard_is_read(tmp_path: Path) -> None:
    """A stranger is told why and left at once: the reason must not be lost in a broken pipe."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.sock"))
        listening.listen(1)
        asked = Client([tmp_path / "a.sock"])
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b'{"error": {"reason": "peer-refused", "text": "no"}}\n')
        assert "peer-refused" == asked.ask({"type": "page"})["error"]["reason"]
        asked.close()
