"""How a host is started."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.player import hostoptions
from agent.player.hostoptions import HostArguments, HostOptions, arguments_of, command_line, environment, probe, usable

_option = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1).map(lambda text: f"--{text}")
_options = st.builds(HostOptions, st.booleans(), st.lists(_option, max_size=3).map(tuple))


@given(
    st.builds(
        HostArguments,
        st.sampled_from([Path("/run/a.sock"), Path("/tmp/with space/=.sock")]),
        st.integers(min_value=0),
        st.none() | st.integers(min_value=1),
        st.booleans(),
        _options,
        st.lists(_option, max_size=2).map(tuple),
    )
)
def test_command_line_says_what_it_is_made_of(arguments: HostArguments) -> None:
    """An option that begins with dashes must not be taken for one of the host's own."""
    assert arguments_of(command_line(arguments)) == arguments


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


def test_probe_tells_the_version_or_gives_up(monkeypatch: object) -> None:
    """A plugin that hangs at start must not hang the host."""
    version = probe([])
    assert version is not None
    assert version.startswith("3.")


def test_environment_names_the_library_unless_somebody_did() -> None:
    """python-vlc would run a compiler to find it."""
    assert environment()["PYTHON_VLC_LIB_PATH"] == "libvlc.so.5"
    assert hostoptions.PROBE_WITHIN_S > 0
