"""Programs on a real player, and the tracker behind it."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.kernel import signals
from agent.kernel.events import Event, PausedEvent, Resumed, Seeked, SpotStarted
from agent.kernel.media import Media, Role
from agent.kernel.rotation import Rotation
from agent.kernel.session import SessionTracker
from agent.kernel.signals import ContentCommanded, SpotCommanded
from agent.player.items import Item, Spot
from agent.player.surroundings import Phase
from tests.support import media
from tests.support.players import Stage, item, staged
from tests.support.stories import words

_ONCE = Rotation((), loop=False)


def _spot(path: Path, role: Role, *, at: float = 0.0, options: tuple[str, ...] = ()) -> Spot:
    return Spot(Item(Media(role.value, path.as_uri(), role=role), options=options), at=at)


def _events(stage: Stage) -> list[Event]:
    tracker = SessionTracker()
    return [event for told in stage.told for event in tracker.feed(told)]


def _finish(stage: Stage) -> list[Event]:
    stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    return _events(stage)


@pytest.mark.parametrize(
    ("make", "options", "start"),
    [
        (lambda: media.clip(6.0), (), None),
        (lambda: media.clip(6.0), (":start-time=1",), 1.0),
        (lambda: media.tone(6.0), (), None),
        (media.image, (":image-duration=6",), None),
    ],
    ids=["film", "part of a film", "sound", "image"],
)
def test_content_goes_on_where_the_midroll_took_its_place(
    make: Callable[[], Path], options: tuple[str, ...], start: float | None
) -> None:
    """Nobody sees the beginning again, and nobody misses a part. VLC takes the last of two start times."""
    film = item(make(), "film", options=options)
    spot = _spot(media.silent_clip(1.0), Role.MIDROLL, at=2.0)
    film = replace(film, media=replace(film.media, start=start), spots=(spot,))
    with staged([film], _ONCE) as stage:
        told = _finish(stage)
    paused = next(event for event in told if isinstance(event, PausedEvent))
    resumed = next(event for event in told if isinstance(event, Resumed))
    again = max(number for number, each in enumerate(stage.told) if isinstance(each, ContentCommanded))
    first = next(each.time for each in stage.told[again:] if isinstance(each, signals.TimeChanged))
    position = paused.head.position or 0.0
    assert 2.0 <= position < 5.0, "as soon as the machine let us"
    assert -0.9 <= first - position <= 2.0, "what is heard first may be late, but no beginning"
    assert paused.head.position == resumed.head.position
    assert not any(isinstance(event, Seeked) for event in told)
    assert ["ended", "closed:completed"] == words(told)[-2:]
    assert told[-1].head.played == pytest.approx(6.0 - (start or 0.0), abs=1.5)


def test_player_killed_in_a_preroll_still_shows_the_content() -> None:
    """An advertisement that libvlc dies of must not cost the film its screen."""
    film = replace(item(media.silent_clip(1.0), "film"), spots=(_spot(media.clip(12.0), Role.PREROLL),))
    with staged([film], _ONCE) as stage:
        stage.run_until(lambda: any(isinstance(event, SpotStarted) for event in _events(stage)))
        os.kill(stage.pid, signal.SIGKILL)
        told = _finish(stage)
    story = words(told)
    assert ["spot:preroll", "spot:preroll:failed", "loaded", "playing"] == [
        word for word in story[1:] if not word.endswith("%")
    ][:4]
    assert "closed:completed" == story[-1]
    assert 1 == sum(isinstance(each, SpotCommanded) for each in stage.told)
