"""Stories: what a tracker should tell, in a notation that a person can write from what the operator did.

A story is words with blanks between: `word`, `word:detail`, either with `@seconds` after it. Every event is one word,
in order; SourceSelected is left out, for it always follows Loaded. A time or a number is right within the tolerance.

    opened:A loaded replayed:1 playing@0.1 25%@2.1 paused resumed seeked:3>20 stalled stalled:initial recovered
    rate:2 volume:0.5 captions:3 captions:off audio:2 flavor fullscreen:on error:unplayable error:no-display
    ended@8.2 ended:short closed:completed

`ended:short` is an end that is not the content's. A fault that ends the session is written `error:…!`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.kernel.events import (
    AudioTrackChanged,
    CaptionsChanged,
    Closed,
    Ended,
    Event,
    Failed,
    FlavorSwitched,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Progressed,
    RateChanged,
    Recovered,
    Replayed,
    Resumed,
    Seeked,
    SourceSelected,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Stalled,
    Started,
    VolumeSet,
    Watched,
)

TOLERANCE = 0.6
"""A sample comes every 0.25 to 0.5 s, and the clock of a tape is 1 to 20 ms off (seconds)."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One word of a story."""

    word: str
    at: float | None
    numbers: tuple[float, ...] = ()

    def __str__(self) -> str:
        numbers = ":" + ">".join(f"{number:g}" for number in self.numbers) if self.numbers else ""
        return self.word + numbers + ("" if self.at is None else f"@{self.at:.2f}")


def parse(story: str) -> list[Beat]:
    """The words of a story."""
    beats = []
    for text in story.split():
        text, _, at = text.partition("@")
        word, _, detail = text.partition(":")
        numbers: tuple[float, ...] = ()
        if word == "seeked":
            origin, _, target = detail.partition(">")
            numbers, text = (float(origin), float(target)), word
        beats.append(Beat(text, float(at) if at else None, numbers))
    return beats


def beats(events: Sequence[Event]) -> list[Beat]:
    """The same words for what was told."""
    return [_beat(event) for event in events if not isinstance(event, SourceSelected)]


def mismatch(story: str, events: Sequence[Event], *, tolerance: float = TOLERANCE) -> str | None:
    """The first difference between the story and what was told, for people; None where there is none."""
    expected, told = parse(story), beats(events)
    for number, (wanted, got) in enumerate(zip(expected, told, strict=False)):
        same = wanted.word == got.word and len(wanted.numbers) == len(got.numbers)
        near = all(abs(a - b) <= tolerance for a, b in zip(wanted.numbers, got.numbers, strict=False))
        timely = wanted.at is None or got.at is None or abs(wanted.at - got.at) <= tolerance
        if not (same and near and timely):
            return f"word {number}: expected {wanted}, told {got}\n  told: {' '.join(map(str, told))}"
    if len(expected) != len(told):
        return f"expected {len(expected)} words, told {len(told)}\n  told: {' '.join(map(str, told))}"
    return None


def words(events: Sequence[Event]) -> list[str]:
    """Only the words, without times and numbers."""
    return [beat.word for beat in beats(events)]


def _beat(event: Event) -> Beat:
    match event:
        case Opened():
            return Beat(f"opened:{event.media.key}", event.at)
        case Loaded():
            return Beat("loaded", event.at)
        case Started():
            return Beat("playing", event.at)
        case Progressed():
            return Beat(f"{event.fraction:.0%}", event.at)
        case PausedEvent():
            return Beat("paused", event.at)
        case Resumed():
            return Beat("resumed", event.at)
        case Seeked():
            return Beat("seeked", event.at, (event.origin, event.target))
        case Stalled():
            return Beat("stalled:initial" if event.initial else "stalled", event.at)
        case Recovered():
            return Beat("recovered:initial" if event.initial else "recovered", event.at)
        case Ended():
            return Beat("ended" if event.complete else "ended:short", event.at)
        case Replayed():
            return Beat(f"replayed:{event.previous}", event.at)
        case RateChanged():
            return Beat(f"rate:{event.head.rate:g}", event.at)
        case VolumeSet():
            return Beat("muted" if event.muted else f"volume:{event.volume:g}", event.at)
        case CaptionsChanged():
            return Beat(f"captions:{'off' if event.track is None else event.track}", event.at)
        case AudioTrackChanged():
            return Beat(f"audio:{'off' if event.track is None else event.track}", event.at)
        case FlavorSwitched():
            return Beat("flavor", event.at)
        case FullscreenChanged():
            return Beat(f"fullscreen:{'on' if event.fullscreen else 'off'}", event.at)
        case Failed():
            return Beat(f"error:{event.fault.value}{'!' if event.fatal else ''}", event.at)
        case Closed():
            return Beat(f"closed:{event.ending.value}", event.at)
        case SourceSelected():
            return Beat("source", event.at)
        case Watched():
            return Beat("watched", event.at)
        case SpotStarted():
            return Beat(f"spot:{event.role.value}", event.at)
        case SpotProgressed():
            return Beat(f"spot:{event.role.value}:{event.fraction:.0%}", event.at)
        case SpotEnded():
            return Beat(f"spot:{event.role.value}:{event.ending.value}", event.at)
