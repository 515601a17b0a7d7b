"""The desired state as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.remote.archive import dump, load
from agent.remote.desired import Desired, Home
from agent.remote.settling import settle
from tests.support.judging import FLEET, LOBBY, OWN, judge, publish


def some_state() -> Desired:
    """A state with something in every corner."""
    desired = publish(Desired(Home("d1", ("lobby",), "broker")), FLEET, 4, a=1, b=None, c={"d": ["é", 1.5, True]})
    desired = settle(publish(desired, OWN, 2, groups=("lobby", "berlin")), judge)[0].confirmed()
    desired = settle(publish(publish(desired, FLEET, 5, a=2), LOBBY, 1), judge)[0]
    return settle(desired.given_back("dark", wall=12.5), judge)[0]


def test_state_comes_back_as_it_was() -> None:
    """After a restart the device wants, applies and refuses what it did before."""
    assert some_state() == load(json.loads(json.dumps(dump(some_state()))))
    assert Desired(Home("d1")) == load(dump(Desired(Home("d1"))))


def test_each_document_is_there_once() -> None:
    """Wanted, applied and good are mostly one, and a playlist is long."""
    revisions = [each["revision"] for each in dump(some_state())["documents"]]
    assert sorted([4, 2, 5, 1]) == sorted(revisions)
    found = load(dump(some_state()))
    assert found.shelf(OWN).wanted is found.shelf(OWN).applied is found.shelf(OWN).good


def test_problems_are_found_out_anew() -> None:
    """They depend on the machine's file, which may be another one by then."""
    refused, _ = settle(publish(Desired(Home("d1")), FLEET, 1, bad=1), judge)
    assert refused.shelf(FLEET).problems
    loaded = load(dump(refused))
    assert () == loaded.shelf(FLEET).problems
    assert refused == settle(loaded, judge)[0]


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_whatever_it_is_given_it_raises_nothing_else(data: st.DataObject) -> None:
    """A file that fits its checksum and makes no sense must end as a damaged one does, not end the agent."""
    plain = json.loads(json.dumps(dump(some_state())))
    spot, key = plain, data.draw(st.sampled_from(sorted(plain)))
    while isinstance(spot[key], dict | list) and spot[key] and data.draw(st.booleans()):
        spot = spot[key]
        key = data.draw(st.sampled_from(range(len(spot)) if isinstance(spot, list) else sorted(spot)))
    spot[key] = data.draw(PLAIN)
    try:
        dump(load(plain))
    except ValueError:
        return


@pytest.mark.parametrize("plain", [None, [], {}, "text", 5])
def test_what_is_no_state_is_refused(plain: Any) -> None:
    """Half a state must not be taken for an empty one."""
    with pytest.raises(ValueError, match="no desired state"):
        load(plain)
