"""Where the intake's socket stands."""

from pathlib import Path

from agent.intake.place import candidates, socket_path

STATE = Path("/var/lib/kiosk-agent")


def test_configured_path_goes_first_then_the_runtime_folder_then_the_state_folder() -> None:
    """The agent and whoever asks it must come to the same answer."""
    runtime = {"RUNTIME_DIRECTORY": "/run/kiosk-agent:/run/other"}
    assert Path("/srv/a.sock") == socket_path("/srv/a.sock", STATE, runtime)
    assert STATE / "a.sock" == socket_path("a.sock", STATE, runtime)  # never where somebody happens to stand
    assert Path("/run/kiosk-agent/intake.sock") == socket_path(None, STATE, runtime)
    assert STATE / "intake.sock" == socket_path(None, STATE, {})
    assert STATE / "intake.sock" == socket_path(None, STATE, {"RUNTIME_DIRECTORY": ""})


def test_command_typed_by_hand_also_looks_where_the_package_has_it() -> None:
    """A shell has no RUNTIME_DIRECTORY; a named path is not second-guessed."""
    assert (STATE / "intake.sock", Path("/run/kiosk-agent/intake.sock")) == candidates(None, STATE, {})
    assert (Path("/srv/a.sock"),) == candidates("/srv/a.sock", STATE, {})
