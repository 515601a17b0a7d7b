"""Which versions are at work."""

import subprocess
import sys
from pathlib import Path

import pytest

from agent.kernel.release import VERSION
from agent.runtime.checks import versions as module
from agent.runtime.checks.versions import versions

ROOT = Path(__file__).parents[3]


def test_versions_name_program_python_sqlite_and_libraries() -> None:
    """Support asks for all of them first."""
    text = "\n".join(finding.text for finding in versions())
    for words in (VERSION, f"Python {sys.version_info.major}.{sys.version_info.minor}", "python-vlc 3.0", "urllib3 2"):
        assert words in text
    assert "missing" not in text


def test_known_bug_of_sqlite_is_information_and_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian 12 and 13 have no other version, and one connection makes it harmless; a warning would only worry."""
    for version, said in (((3, 40, 1), True), ((3, 51, 3), False)):
        monkeypatch.setattr(module, "sqlite_version_info", version)
        (line,) = (finding for finding in versions() if finding.subject == "SQLite")
        assert said == ("WAL-reset" in line.text)
        assert "ok" == line.level.value


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation must be visible, not a traceback."""
    monkeypatch.setattr(module, "LIBRARIES", ("no-such-distribution",))
    assert "no-such-distribution missing" in versions()[-1].text


def test_asking_for_versions_imports_no_vlc() -> None:
    """The agent never loads libvlc (decision 36)."""
    code = "import sys; from agent.runtime.checks.versions import versions; versions(); print('vlc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "False\n" == done.stdout
