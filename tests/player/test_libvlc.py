"""The one door to libvlc."""

import subprocess
import sys
from pathlib import Path

from agent.player.hostoptions import environment

_AGENT = Path(__file__).parents[2] / "agent"


def test_only_one_module_imports_vlc() -> None:
    """Each further door would be another way to make python-vlc's mistakes."""
    doors = [
        path.relative_to(_AGENT).as_posix()
        for path in _AGENT.rglob("*.py")
        if any(line.startswith(("import vlc", "from vlc")) for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert doors == ["player/libvlc.py"]


def test_event_numbers_are_those_of_the_installed_binding() -> None:
    """They are written down in a module that must not import the binding; if libvlc changed them, this says so."""
    program = (
        "import vlc; from agent.player.raw import EventNumber as N\n"
        "names = {n: str(vlc.EventType(n.value)).split('MediaPlayer')[1] for n in N}\n"
        "wrong = [n for n in N if names[n].lower() != n.name.replace('_', '').lower()]\n"
        "raise SystemExit(repr(wrong) if wrong else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_refused_options_are_an_error_of_ours() -> None:
    """python-vlc would fail later, on None, with a message that nobody understands."""
    program = (
        "from agent.player.libvlc import Player, LibvlcRefusedError\n"
        "try:\n    Player(['--no-such-option'], print)\n"
        "except LibvlcRefusedError as error:\n    raise SystemExit(str(error) != '--no-such-option')\n"
        "raise SystemExit(2)"
    )
    assert subprocess.run([sys.executable, "-c", program], env=environment(), check=False).returncode == 0
