"""How a host is started."""

from pathlib import Path

import pytest

from agent.player import hostoptions
from agent.player.hostoptions import HostArguments, HostOptions, environment, probe, usable


def test_refused_options_are_left_out() -> None:
    """What an earlier host found refused is not tried again at each restart."""
    options = HostOptions(headless=True, vlc_options=("--good", "--bad"))
    wanted = HostArguments(Path("s"), 1, None, False, options, without=("--bad",)).vlc_arguments()
    assert "--good" in wanted
    assert "--bad" not in wanted
    assert "--vout=vdummy" in wanted
    assert "--vout=vdummy" not in HostArguments(Path("s"), 1, None, False, HostOptions()).vlc_arguments()


def test_each_option_is_tried_alone() -> None:
    """One unknown option makes libvlc refuse them all."""
    assert usable(["--no-osd", "--no-such-option"]) == (("--no-osd",), ("--no-such-option",))


def test_probe_tells_the_version_or_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that hangs at start must not hang the host."""
    version = probe([])
    assert version is not None
    assert version.startswith("3.")
    monkeypatch.setattr(hostoptions, "PROBE_WITHIN_S", 0.0)
    assert probe([]) is None


def test_environment_names_the_library_unless_somebody_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-vlc would run a compiler to find it."""
    monkeypatch.delenv("PYTHON_VLC_LIB_PATH", raising=False)
    assert environment()["PYTHON_VLC_LIB_PATH"] == "libvlc.so.5"
    monkeypatch.setenv("PYTHON_VLC_LIB_PATH", "/opt/libvlc.so")
    assert environment()["PYTHON_VLC_LIB_PATH"] == "/opt/libvlc.so"
