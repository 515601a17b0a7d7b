"""The maintainer scripts, as far as they can be tried without a system; tests/machine installs them."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from agent.outbox.connection import STORE_NAME
from agent.outbox.schema import SCHEMA
from tools.deb.control import SCRIPTS, control, scripts

UNITS = ["kiosk-agent.service", "kiosk-player.service"]


def made(schema: int = SCHEMA) -> dict[str, str]:
    return scripts(
        version="1.0", schema=schema, units=UNITS, sysusers=["kiosk-agent.conf"], tmpfiles=["kiosk-agent.conf"]
    )


def preinst(folder: Path, schema: int) -> "subprocess.CompletedProcess[str]":
    """The script of a package that knows `schema`, with its store in `folder`."""
    script = folder / "preinst"
    script.write_text(made(schema)["preinst"].replace("/var/lib/kiosk-agent", str(folder)), encoding="utf-8")
    return subprocess.run(["sh", str(script), "upgrade", "2.0"], capture_output=True, text=True, check=False)


def store(folder: Path, schema: int) -> Path:
    path = folder / STORE_NAME
    connection = sqlite3.connect(path)
    connection.executescript(f"CREATE TABLE kept (a); PRAGMA user_version = {schema};")
    connection.close()
    return path


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_is_plain_shell_with_nothing_left_to_fill_in(name: str, tmp_path: Path) -> None:
    """A fault here leaves a package half installed, far away."""
    script = tmp_path / name
    script.write_text(made()[name], encoding="utf-8")
    assert 0 == subprocess.run(["sh", "-n", str(script)], check=False).returncode
    assert "@" not in made()[name].replace('"$@"', "")
    assert "set -e\n" in made()[name]


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_script_has_no_known_pitfall(name: str, tmp_path: Path) -> None:
    """A name with a space, an unset variable."""
    script = tmp_path / name
    script.write_text(made()[name], encoding="utf-8")
    done = subprocess.run(["shellcheck", "-s", "sh", str(script)], capture_output=True, text=True, check=False)
    assert "" == done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_word_that_dpkg_never_says_is_refused(name: str, tmp_path: Path) -> None:
    """Who calls it by hand, with the wrong word, must not have half of it done."""
    script = tmp_path / name
    script.write_text(made()[name], encoding="utf-8")
    done = subprocess.run(["sh", str(script), "nonsense"], capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "nonsense" in done.stderr


def test_queue_of_a_newer_version_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    """A downgrade must never cost the events that were not sent yet."""
    path = store(tmp_path, 300)
    before = path.read_bytes()
    done = preinst(tmp_path, 299)
    assert 1 == done.returncode
    assert "format 300, this one knows up to 299" in done.stderr
    assert before == path.read_bytes()


@pytest.mark.parametrize("found", [1, 299, 300])
def test_queue_that_can_be_read_is_no_obstacle(tmp_path: Path, found: int) -> None:
    """Every upgrade meets an older one."""
    store(tmp_path, found)
    assert (0, "") == ((done := preinst(tmp_path, 300)).returncode, done.stderr)


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\0"])
def test_no_queue_or_a_broken_one_is_no_obstacle(tmp_path: Path, content: bytes | None) -> None:
    """What is broken is for the agent to mend; the package must install."""
    if content is not None:
        (tmp_path / STORE_NAME).write_bytes(content)
    assert 0 == preinst(tmp_path, 1).returncode


def test_store_is_looked_for_where_the_agent_keeps_it() -> None:
    """Another name there, and the guard would guard nothing."""
    assert f"STORE=/var/lib/kiosk-agent/{STORE_NAME}\n" in made()["preinst"]


def test_units_that_are_not_there_are_not_enabled() -> None:
    """dpkg would complain about them with each upgrade."""
    assert "for unit in kiosk-agent.service;" in made()["postinst"]


def test_package_depends_on_the_systems_python_and_libvlc() -> None:
    """Everything else it brings itself."""
    text = control(version="1.0", maintainer="A <a@example.com>", size_kib=1)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(" "))
    assert "all" == fields["Architecture"]
    depends = fields["Depends"].split(", ")
    assert "python3 (>= 3.11)" in depends
    assert "libvlc5" in depends
    assert [] == [each for each in depends if each.startswith("python3-")]
