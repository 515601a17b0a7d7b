"""The host's command line, written and read."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.player.hostline import arguments_of
from agent.player.hostoptions import HostArguments, HostOptions, command_line

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


def test_service_is_a_unit_with_a_run_of_its_own() -> None:
    """Two lives with one number would be one play to the agent."""
    first, second = (arguments_of(["--socket=/run/kiosk-agent/player.sock", "--headless"]) for _ in range(2))
    assert (None, None) == (first.parent, second.parent)
    assert first.run != second.run
