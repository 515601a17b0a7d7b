"""What differs between two configurations."""

import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.config.changes import Change, changes, settings_hash
from agent.config.check import check
from agent.config.model import Settings
from agent.config.setting import Effect, Setting, walk


def settings(**tables: Any) -> Settings:
    found = check({"kaltura": {"enabled": False}} | tables)
    assert isinstance(found, Settings)
    return found


def test_equal_configurations_differ_in_nothing() -> None:
    """A document that says what is so already restarts nothing."""
    assert () == changes(settings(), settings(player={"volume": 100}))


def test_each_difference_is_told_with_its_effect() -> None:
    """Live settings travel as messages; the others restart only the part concerned."""
    other = settings(
        player={"volume": 40, "rotation": 90, "restart": {"hang_after_s": 9}},
        remote={"url": "mqtts://broker.example.com"},
        device={"name": "Lobby"},
        queue={"max_age_days": 3},
    )
    assert (
        Change(("device", "name"), Effect.LIVE),
        Change(("player", "volume"), Effect.LIVE),
        Change(("player", "rotation"), Effect.PLAYER),
        Change(("player", "restart", "hang_after_s"), Effect.PLAYER),
        Change(("remote", "url"), Effect.BROKER),
        Change(("queue", "max_age_days"), Effect.AGENT),
    ) == changes(settings(), other)


def test_playlist_is_one_place_and_live() -> None:
    """A list that grew by an item has not changed all the items behind it."""
    old = settings(player={"playlist": [{"uri": "a"}, {"uri": "b"}]})
    new = settings(player={"playlist": [{"uri": "b", "options": [":no-audio"]}]})
    assert (Change(("player", "playlist"), Effect.LIVE),) == changes(old, new)


def test_what_the_machine_permits_changes_without_a_restart() -> None:
    """Nothing of it is held by a connection or a process."""
    effects = {".".join(path): entry.effect for path, _, entry in walk(Settings) if isinstance(entry, Setting)}
    names = ("groups", "allow", "media_roots", "media_hosts", "trial_s", "report_every_s")
    assert {Effect.LIVE} == {effects[f"remote.{name}"] for name in names}


def test_hash_tells_configurations_apart() -> None:
    """An operator compares twelve digits instead of two hundred settings."""
    one, two = settings(player={"playlist": [{"uri": "a", "valid_from": "2026-12-24"}]}), settings()
    assert settings_hash(one) != settings_hash(two)
    assert settings_hash(two) == settings_hash(settings(player={"volume": 100}))
    assert 12 == len(settings_hash(one))
    assert set(settings_hash(one)) <= set("0123456789abcdef")


def test_hash_is_the_same_in_another_process() -> None:
    """It is compared across reboots and devices; Python's own hash is another one each time."""
    code = (
        "from agent.config.changes import settings_hash; from agent.config.model import Settings;"
        "print(settings_hash(Settings()))"
    )
    found = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    }
    assert {settings_hash(Settings())} == found


volumes = st.integers(0, 200)


@given(volumes, st.booleans(), volumes, st.booleans())
def test_nothing_changed_and_the_same_hash_mean_the_same(
    volume: int, loop: bool, other_volume: int, other_loop: bool
) -> None:
    """The two answers are used for one question: is there anything to do?"""
    one = settings(player={"volume": volume, "loop": loop})
    two = settings(player={"volume": other_volume, "loop": other_loop})
    assert (changes(one, two) == ()) == (settings_hash(one) == settings_hash(two))
