"""The link's messages are values."""

from typing import get_args

from agent.player.codec import _CHECKS
from agent.player.wire import FromHost, Said, ToHost


def test_each_message_has_a_line() -> None:
    """A message that the codec does not know would end the thread that sends it."""
    kinds = {kind for union in (FromHost, ToHost) for kind in get_args(union)}
    assert kinds - set(_CHECKS) == {Said}
