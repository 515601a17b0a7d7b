"""What must be known after a restart."""

import json
import os
import resource
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.remote import jsontext, vault
from agent.remote.desired import Desired, Home
from agent.remote.documents import MOST_GROUPS, Document, parse
from agent.remote.jsontext import MOST_VALUES
from agent.remote.shelf import Shelf
from agent.remote.topics import Device, Fleet, Group, Level
from agent.remote.trial import Trial
from agent.remote.vault import DAMAGED_KEPT, NAME, Stored, Vault, applied_layers


def some_state(revision: int, *, filling: int = 0) -> Stored:
    """A state in which the fleet's document has `revision`, and `filling` bytes beside it."""
    one = Document(Fleet(), revision, {"log": {"level": "debug"}, "filling": "ü" * filling})
    two = Document(Device("d1"), 3, {"player": {"volume_percent": None}}, groups=("lobby",))
    shelves: dict[Level, Shelf] = {
        Fleet(): Shelf(one, one, None, floor=revision, known="f" * 32),
        Group("lobby"): Shelf(),
        Device("d1"): Shelf(two, two, two, floor=3, known=None, condemned="it broke", refused=("it broke",)),
    }
    desired = Desired(Home("d1", ("berlin",), "mqtts://broker"), shelves)
    return Stored(desired, Trial("fleet@5", "boot", 120.0, ("player",), player=True), starts=revision)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    """The last good configuration is there after a reboot without a broker."""
    Vault(tmp_path).save(some_state(5))
    assert some_state(5) == Vault(tmp_path).load()
    assert 0o600 == (tmp_path / NAME).stat().st_mode & 0o777


def test_nothing_stored_is_a_fresh_beginning(tmp_path: Path) -> None:
    """A kiosk that was just installed, or never had a broker."""
    assert Stored() == Vault(tmp_path).load()
    assert [] == applied_layers(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_layers_for_the_command_line_are_those_in_force(tmp_path: Path) -> None:
    """`config show --origin` asks what counts, while the agent runs or not."""
    Vault(tmp_path).save(some_state(5))
    assert ["fleet@5", "device/d1@3"] == [layer.name for layer in applied_layers(tmp_path)]
    assert all(layer.remote for layer in applied_layers(tmp_path))


def test_same_state_is_not_written_again(tmp_path: Path) -> None:
    """A broker that repeats itself all day must not wear out a card."""
    Vault(tmp_path).save(some_state(5))
    opened = Vault(tmp_path)
    opened.save(opened.load())
    before = (tmp_path / NAME).stat().st_ino
    opened.save(some_state(5))
    opened.save(replace(some_state(5), broken="only said"))
    assert before == (tmp_path / NAME).stat().st_ino
    opened.save(some_state(6))
    assert before != (tmp_path / NAME).stat().st_ino


def changed(plain: dict[str, Any], **changes: Any) -> bytes:
    """A file of the agent in which somebody changed something."""
    return json.dumps({**plain, **changes}).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "one letter": lambda content: content.replace(b"debug", b"dabug"),
    "no UTF-8": lambda content: content.replace(b"debug", b"\xff\xfe"),
    "foreign": lambda _: b'{"hello": "world"}',
    "a list": lambda _: b"[]",
    "deep": lambda _: b"[" * 100_000,
    "later": lambda content: changed(json.loads(content), version=2),
    "no checksum": lambda content: changed(json.loads(content), checksum=None),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_file_is_set_aside_and_said(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """The agent must start, must say on what it runs, and must leave the evidence."""
    Vault(tmp_path).save(some_state(5))
    path = tmp_path / NAME
    path.write_bytes(damage(path.read_bytes()))
    content = path.read_bytes()
    assert [] == applied_layers(tmp_path)
    assert path.exists()
    stored = Vault(tmp_path).load()
    assert Stored(broken=stored.broken) == stored
    assert "it is kept as fleet.json.damaged" in str(stored.broken)
    assert content == (tmp_path / "fleet.json.damaged").read_bytes()
    assert Stored() == Vault(tmp_path).load()


def test_state_that_fits_its_checksum_and_makes_no_sense_is_set_aside(tmp_path: Path) -> None:
    """A later version may have kept other things under the same number."""
    Vault(tmp_path).save(some_state(5))
    plain = json.loads((tmp_path / NAME).read_bytes())
    plain["content"]["desired"]["shelves"][0]["floor"] = "x"
    plain["checksum"] = vault._checksum(plain["content"])
    (tmp_path / NAME).write_text(json.dumps(plain))
    assert "does not hold what the agent keeps" in str(Vault(tmp_path).load().broken)


def test_many_damages_keep_a_bounded_number_of_files(tmp_path: Path) -> None:
    """A card that goes bad must not be filled by what it spoilt."""
    for number in range(DAMAGED_KEPT + 3):
        (tmp_path / NAME).write_text(f"spoilt {number}")
        assert Vault(tmp_path).load().broken
    assert DAMAGED_KEPT == len(list(tmp_path.iterdir()))


def test_folder_in_the_place_of_the_file_is_set_aside(tmp_path: Path) -> None:
    """Whatever stands there, the agent starts."""
    (tmp_path / NAME).mkdir()
    assert "cannot be read: is a directory" in str(Vault(tmp_path).load().broken)
    Vault(tmp_path).save(some_state(5))
    assert some_state(5) == Vault(tmp_path).load()


def test_file_that_cannot_be_set_aside_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that became read-only the agent starts all the same."""

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    (tmp_path / NAME).write_text("spoilt")
    monkeypatch.setattr(Path, "replace", refuse)
    assert "could not be set aside" in str(Vault(tmp_path).load().broken)
    assert (tmp_path / NAME).exists()


FULL = textwrap.dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from agent.remote.vault import Vault
    from tests.remote.test_vault import some_state

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    vault = Vault(Path(sys.argv[1]))
    vault.load()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    try:
        vault.save(some_state(6, filling=100_000))
    except OSError as error:
        print("refused", error.errno)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(vault.load() == some_state(5))
    vault.save(some_state(7))
    """
)


def test_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """Half a document must never take the place of a whole one; and with room again, saving goes on."""
    assert resource.RLIM_INFINITY == resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    Vault(tmp_path).save(some_state(5))
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False, cwd=Path.cwd()
    )
    assert "refused 27\nTrue\n" == done.stdout, done.stderr
    assert some_state(7) == Vault(tmp_path).load()


def test_same_state_is_written_again_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what the disk has after a failed write, so the next one must not be spared."""
    opened = Vault(tmp_path)
    opened.save(some_state(5))

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="Input/output"):
        patched.setattr(os, "fsync", fail)
        opened.save(some_state(6))
    opened.save(some_state(5))
    assert some_state(5) == Vault(tmp_path).load()


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from agent.remote.vault import Vault
    from tests.remote.test_vault import some_state

    folder, step = Path(sys.argv[1]), sys.argv[2]
    vault = Vault(folder)
    old = vault.load().starts

    def dies(function, when, at):
        count = 0
        def dying(*arguments, **options):
            nonlocal count
            count += 1
            if count == at and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = function(*arguments, **options)
            if count == at and when == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return answer
        return dying

    name, when, at = step.split(":")
    target, attribute = (Path, name) if name == "replace" else (os, name)
    setattr(target, attribute, dies(getattr(target, attribute), when, int(at)))
    if name == "write":
        # In pieces, so that a kill finds half a file.
        whole = os.write
        os.write = lambda descriptor, content: whole(descriptor, content[:1000])
    vault.save(some_state(old + 1, filling=3000))
    """
)
STEPS = {
    "write:before:1": 0,
    "write:after:1": 0,
    "write:after:3": 0,
    "fsync:before:1": 0,
    "fsync:after:1": 0,
    "replace:before:1": 0,
    "replace:after:1": 1,
    "fsync:before:2": 1,
    "fsync:after:2": 1,
}


def kill_at_each_step(folder: Path) -> None:
    """Save again and again, killed at one step after another; each time the old state or the new one is there."""
    Vault(folder).save(some_state(1, filling=3000))
    for step, gained in STEPS.items():
        before = Vault(folder).load()
        killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), step], check=False, cwd=Path.cwd())
        assert -9 == killed.returncode, step
        after = Vault(folder).load()
        assert some_state(before.starts + gained, filling=3000) == after, step


def test_kill_at_any_step_leaves_the_old_state_or_the_new_one(tmp_path: Path) -> None:
    """SIGKILL is a kiosk's normal shutdown; a power cut shows the same files, since each step is made durable."""
    kill_at_each_step(tmp_path)
    assert {NAME} <= {path.name for path in tmp_path.iterdir()} <= {NAME, f"{NAME}.new"}


@pytest.mark.all
@pytest.mark.timeout(600)
def test_hundreds_of_kills_leave_a_whole_state(tmp_path: Path) -> None:
    """What happens once in a hundred restarts happens every day in a fleet."""
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        kill_at_each_step(tmp_path / str(number))


def test_largest_state_that_documents_can_make_is_read_again(tmp_path: Path) -> None:
    """A vault that saves what it will not load loses the last good configuration with the next power cut."""
    numbers = ",".join(["1e15"] * (MOST_VALUES - 20))
    payload = b'{"revision":1,"config":{"player":{"playlist":[%s,"%s"]}}}'
    letters = "a" * (jsontext.MOST_BYTES - len(payload) - len(numbers))
    found = parse(Fleet(), payload % (numbers.encode(), letters.encode()))
    assert isinstance(found, Document)
    Vault(tmp_path).save(Stored(Desired(Home("d"), {Fleet(): Shelf(wanted=found)})))
    levels = 2 + 3 * MOST_GROUPS
    # What is applied or good was judged, and holds no numbers of eighteen digits.
    assert levels * ((tmp_path / NAME).stat().st_size + 2 * jsontext.MOST_BYTES) <= vault.MOST_BYTES
