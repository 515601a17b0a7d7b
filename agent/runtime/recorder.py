"""From the kernel's facts to the log's records: who an event belongs to, and when it happened by both clocks.

Contract: pure. `records` turns events of this boot into records; `state` is what must commit with them so that the
next process can close a play that this one leaves open.
Rules: an attribution is made once, when its session opens, and stays as it is (decision 5). A session that is left out
has none of the entry (agent.kernel.leaving_out); what repeats it begins anew, for nobody was told of it. No address
is kept with its password or token: the log is shown to people and sent to destinations.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from agent.config.redact import masked
from agent.kernel import codec
from agent.kernel.attribution import Attribution, session_id
from agent.kernel.display import Display
from agent.kernel.events import Event, Opened, SourceSelected, SpotStarted
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.play_fold import PlayFold
from agent.kernel.records import Record
from agent.runtime.viewers import Viewers


@dataclass(frozen=True, slots=True)
class Profile:
    """What the configuration says about whoever is watching here; see `Attribution` for the meaning of the fields."""

    device_id: str
    referrer: str
    partner_id: int
    user_id: str | None
    uiconf_id: int | None
    client_version: str | None
    widget_id: str | None = None
    viewers: Viewers | None = None

    def attribution(
        self, session: str, *, entry_id: str | None, media_uri: str = "", context: str | None = None
    ) -> Attribution:
        """The owner of what happens now. `session`: the session's id; `context`: the visit's, None outside of one."""
        return Attribution(
            device_id=self.device_id,
            session_id=session,
            referrer=self.referrer,
            partner_id=self.partner_id,
            entry_id=entry_id,
            media_uri=media_uri,
            user_id=self.user_id,
            uiconf_id=self.uiconf_id,
            client_version=self.client_version,
            context_id=context,
            unique_viewer=self.viewer(context),
            widget_id=self.widget_id,
        )

    def viewer(self, context: str | None) -> str | None:
        """The pseudonym of who is there in a visit's context; None where none is sent."""
        return None if self.viewers is None else self.viewers.of(context)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the log stood when a process last wrote to it: the newest session's owner, and a moment of its boot."""

    attribution: Attribution
    instant: Instant

    def text(self) -> str:
        return json.dumps({"attribution": asdict(self.attribution), "instant": asdict(self.instant)})

    @classmethod
    def read(cls, text: str) -> "Anchor":
        """The inverse of `text`. Raises ValueError for anything else."""
        try:
            found = json.loads(text)
            instant = Instant(**found["instant"])
            return cls(Attribution(**found["attribution"]), instant.at(instant.boottime))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an anchor: {error}") from error


class Recorder:
    """Makes records for one process's life. `leave_out`: whether a session that opens now is told to nobody.
    `display`: the screen at this moment, for the ledger of plays."""

    def __init__(
        self,
        generation: str,
        profile: Profile,
        leave_out: Callable[[], bool] = lambda: False,
        display: Callable[[], Display] = lambda: Display.UNKNOWN,
    ) -> None:
        self._generation = generation
        self._profile = profile
        self._leave_out = leave_out
        self._display = display
        self._fold = PlayFold()
        self._left_out: int | None = None
        self._attribution: Attribution | None = None
        self._session: int | None = None
        self._dated: Instant | None = None
        self._context: str | None = None

    def records(self, events: Sequence[Event], now: Instant, *, context: str | None = None) -> list[Record]:
        """`events` in order, dated by both clocks; `now` is any moment of the same boot.

        `context`: the visit in which a session that opens now is watched.
        """
        self._context = context
        records = [self._dated_record(event, now) for event in events]
        self._fold.look(self._display(), now.boottime)
        return records

    def remember(self, play: str) -> None:
        """Go on with the play that an earlier process left open: its `play`."""
        self._fold = PlayFold.restore(play)

    @property
    def play(self) -> str:
        """What is to be committed so that a play that is cut off has its line in the ledger too."""
        return self._fold.text

    def recovered(self, events: Sequence[Event], anchor: Anchor) -> list[Record]:
        """Events that close a play of an earlier process, perhaps of an earlier boot."""
        return [self._record(event, anchor.attribution, anchor.instant.at(event.at)) for event in events]

    def resume(self, anchor: Anchor, session: int) -> None:
        """The session that an earlier process of this boot left open goes on: whose it is, and its clocks, stay."""
        self._attribution, self._session, self._dated = anchor.attribution, session, anchor.instant

    def state(self, now: Instant, *, told: str | None = None) -> str | None:
        """The anchor to commit, or None before the first session.

        `told`: the one that was committed last, where events are committed too. They tell how far this boot came, so
        it comes back as it was unless the owner or the clocks are others.
        """
        if self._attribution is None or self._dated is None:
            return None
        if told is not None:
            last = Anchor.read(told)
            if (last.attribution, last.instant) == (self._attribution, self._dated.at(last.instant.boottime)):
                return told
        return Anchor(self._attribution, self._dated.at(now.boottime)).text()

    def _dated_record(self, event: Event, now: Instant) -> Record:
        if isinstance(event, Opened) and event.replays is not None and event.replays == self._left_out:
            event = replace(event, replays=None)
        return self._record(event, self._owner(event), self._clocks(event, now).at(event.at))

    def _owner(self, event: Event) -> Attribution:
        if isinstance(event, Opened):
            self._session = event.session
            is_out = event.media.entry_id is not None and self._leave_out()
            self._left_out = event.session if is_out else None
            self._attribution = self._attribute(event.session, event.media, None if is_out else event.media.entry_id)
        if self._attribution is None or event.session != self._session:
            raise AssertionError(f"event of session {event.session} while {self._session} is open")
        return self._attribution

    def _clocks(self, event: Event, now: Instant) -> Instant:
        """How the two clocks relate for this event: for a whole session as when it was first known for sure.

        A synchronised clock that is stepped in the middle of a play must not tear the play apart (decision 7).
        """
        if isinstance(event, Opened) or self._dated is None or not self._dated.synced:
            self._dated = now
        return self._dated

    def _attribute(self, session: int, media: Media, entry_id: str | None) -> Attribution:
        return self._profile.attribution(
            session_id(self._generation, session),
            entry_id=entry_id,
            media_uri=masked(media.uri),
            context=self._context,
        )

    @property
    def attribution(self) -> Attribution | None:
        """The newest session's owner."""
        return self._attribution

    def _record(self, event: Event, owner: Attribution, instant: Instant) -> Record:
        event = without_secrets(event)
        kind, body = codec.encode(event)
        play = self._fold.feed(event, owner, instant, self._display())
        return Record(kind, body, codec.priority(event), owner, instant, play)


def without_secrets(event: Event) -> Event:
    """`event` with every address in it masked."""
    match event:
        case Opened(media=media):
            return replace(event, media=replace(media, key=masked(media.key), uri=masked(media.uri)))
        case SourceSelected(uri=uri) | SpotStarted(uri=uri):
            return replace(event, uri=masked(uri))
        case _:
            return event
