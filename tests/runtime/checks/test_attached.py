"""What doctor says of the way to a player that is not ours."""

from typing import Any

import pytest

from agent.runtime.checks.attached import attached
from agent.runtime.checks.finding import Level

FOLLOWED: dict[str, Any] = {"source": "mpris", "accuracy": "over MPRIS", "follows": "vlc", "others": []}
THERE = {"running": True, "pid": 7}


def _status(host: dict[str, Any], found: dict[str, Any] | None) -> dict[str, Any]:
    return {"player": {"host": host, "attached": found}}


@pytest.mark.parametrize(
    ("levels", "said", "status"),
    [
        ([Level.WARN], "cannot be asked", None),
        ([Level.WARN], "other settings", _status(THERE, None)),
        ([Level.FAIL], "kiosk-attach is not connected", _status({"running": False}, FOLLOWED)),
        (
            [Level.OK, Level.FAIL],
            "no VLC on the session bus of pi",
            _status(THERE, {**FOLLOWED, "follows": None, "problem": "no VLC on the session bus of pi: start vlc"}),
        ),
        (
            [Level.OK, Level.WARN],
            "asks over http",
            _status(THERE, FOLLOWED | {"problem": "asks over http: it"}),
        ),
        (
            [Level.OK, Level.OK],
            "not followed: vlc.instance9",
            _status(THERE, FOLLOWED | {"others": ["vlc.instance9"]}),
        ),
    ],
)
def test_each_of_the_three_that_is_missing_is_named(
    levels: list[Level], said: str, status: dict[str, Any] | None
) -> None:
    """The socket, the host, the VLC: whoever stands before the kiosk looks for one of them only."""
    found = list(attached(status))
    assert levels == [each.level for each in found]
    assert said in found[-1].text
    assert all(each.remedy for each in found if each.level is not Level.OK)


def test_remedy_is_the_hosts_own() -> None:
    """It knows which user's bus it is."""
    status = _status(THERE, {**FOLLOWED, "follows": None, "problem": "no VLC: start vlc as pi"})
    assert "start vlc as pi" == list(attached(status))[-1].remedy
    status = _status(THERE, {**FOLLOWED, "problem": "vlc does not answer: it hangs, or is held"})
    assert "it hangs, or is held" == list(attached(status))[-1].remedy


def test_problem_without_a_remedy_gets_no_wrong_one() -> None:
    """Not everything is mended by starting VLC."""
    for follows in (None, "vlc"):
        found = list(attached(_status(THERE, {**FOLLOWED, "follows": follows, "problem": "the moon is full"})))[-1]
        assert ("the moon is full", "systemctl status kiosk-attach says more.") == (found.text, found.remedy)
