"""What a device reports."""

import json
import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config.problems import Problem
from agent.remote.desired import Desired, Home
from agent.remote.jsontext import read
from agent.remote.reported import MOST_BYTES, MOST_SINKS, TEXT_LENGTH, About, Facts, Item, Player, Sink, build, encode
from agent.remote.shelf import Shelf, texts
from agent.remote.topics import Group, Level
from agent.remote.trial import Trial
from tests.support.facts import FACTS


def test_state_is_that_of_the_wire() -> None:
    """Dashboards are written against these words."""
    assert {
        "v": 1,
        "device": {"id": "d1", "name": "Lobby, left screen", "site": "Berlin-Mitte", "tags": ["4k", "touch"]},
        "version": "0.1.0",
        "session": 12,
        "reported": 1763770000.123,
        "report_every_s": 300.0,
        "boot_id": "a-boot",
        "uptime_s": 60.0,
        "machine_uptime_s": 5000.0,
        "clock": {"synced": True},
        "protocol": "5",
        "config": {
            "hash": "0123456789ab",
            "groups": ["lobby"],
            "state": "applied",
            "levels": {
                name: {"wanted": None, "applied": None, "problems": []}
                for name in ("fleet", "group/lobby", "device/d1")
            },
            "trial": None,
            "returned": None,
            "allow": ["kaltura.service_url"],
            "broken": None,
        },
        "player": {
            "state": "playing",
            "item": {"index": 1, "count": 3, "uri": "https://***@cdn.example.com/a.mp4?token=***", "entry_id": "1_abc"},
            "position": 12.5,
            "display": "unknown",
            "should_show": True,
            "restarts": 0,
        },
        "queue": {"depth": 3, "oldest_age_s": 1.5, "bytes": 4096, "volatile": None},
        "sinks": [
            {
                "name": "stats.collect",
                "state": "sending",
                "cause": None,
                "text": None,
                "depth": 3,
                "delivered": 100,
                "last_delivery_wall": 1763769999.0,
                "dead_letters": 0,
                "dropped": {},
            }
        ],
        "counters": {"signals": 7},
        "machine": {"disk_free_bytes": 10, "disk_bytes": 20, "temperature_c": 48.312, "under_voltage": False},
    } == json.loads(encode(build(FACTS)))


def test_trial_is_told_with_what_is_left_of_it() -> None:
    """An operator who waits for a push sees that it is not decided, and for how long."""
    trial = Trial.begin("fleet@7", "b", changed={"stats.collect"}, worked={"stats.collect"}, trial_s=80.0)
    config = build(replace(FACTS, trial=trial))["config"]
    assert ("trial", {"on": ["stats.collect"], "left_s": 80.0}) == (config["state"], config["trial"])


def with_problems(problem: str, levels: int) -> Facts:
    """A device whose every level is refused for more reasons than anybody reads."""
    shelf = Shelf(refused=texts([Problem((), problem)] * 500), unread=texts([Problem((), problem)] * 500))
    groups = tuple(f"group-{number}" for number in range(levels))
    shelves: dict[Level, Shelf] = {Group(name): shelf for name in groups}
    return replace(FACTS, desired=Desired(Home("d1", groups), shelves))


def test_problems_are_cut_and_counted_until_the_message_fits() -> None:
    """Some brokers drop what is larger than they like, and with it the only word of what is wrong."""
    for levels in (1, 3, 16):
        payload = encode(build(with_problems("ü" * 1000, levels)))
        assert len(payload) <= MOST_BYTES
        problems = json.loads(payload)["config"]["levels"]["group/group-0"]["problems"]
        assert problems[-1].startswith("and ")


def test_numbers_that_json_does_not_know_are_null() -> None:
    """A reader in another language refuses the whole message for one NaN."""
    state = build(replace(FACTS, uptime=math.nan, boottime=math.inf))
    assert (None, None) == (state["uptime_s"], state["machine_uptime_s"])


def test_name_of_a_file_that_is_no_text_is_told_all_the_same() -> None:
    """File systems take any bytes for a name; Python holds them as half characters, which JSON must not."""
    state = build(replace(FACTS, player=Player("playing", Item(0, 1, "/srv/media/\udcff.mp4", None))))
    assert "/srv/media/?.mp4" == state["player"]["item"]["uri"]


NASTY = st.sampled_from(["a", "\x01", "𝄞", "\udcff", '"', "\n", "://a:b@", "/ks/"])


@given(st.lists(NASTY.map(lambda text: text * 600), min_size=2, max_size=2), st.integers(1, 400), st.integers(0, 16))
@settings(max_examples=12)
def test_whatever_the_facts_the_message_fits_and_can_be_read(words: list[str], many: int, levels: int) -> None:
    """A report that is not sent is a device that looks dead."""
    names = [f"{words[0][: TEXT_LENGTH - 10]}{number}" for number in range(many)]
    sink = Sink(words[-1], words[0], words[-1], words[0], dropped=dict.fromkeys(names, 2**53))
    facts = replace(
        with_problems(words[-1], levels),
        about=About("d1", words[0], words[-1], tuple(names)),
        allow=tuple(names),
        broken=words[0],
        player=Player(words[0], Item(0, 1, words[-1], words[0])),
        sinks=(sink,) * many,
        counters=dict.fromkeys(names, 1),
        boot_id=words[0],
    )
    payload = encode(build(facts))
    assert len(payload) <= MOST_BYTES
    found = read(payload, "state")
    # Our own reader of documents finds fault with the names of keys only, which are words in earnest.
    assert isinstance(found, dict) or all("key" in str(problem) for problem in found)
    assert len(json.loads(payload)["sinks"]) <= MOST_SINKS
