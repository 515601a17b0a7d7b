"""The `[kaltura]` table: where playback is reported, and as what.

Contract and rules: as agent.config.model.
Reasons: decisions 5 (what is frozen with an event), 17 (event_semantics), 24 (service_url); kaltura.md section 1
gives the lengths that the server keeps.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.addresses import Proxy, ServiceUrl
from agent.config.entries import DEFAULT_FILE_PATTERN, EntryRules
from agent.config.kinds import Choice, Flag, Number, Text, Whole
from agent.config.session import Session
from agent.config.setting import Effect, setting, table
from agent.config.words import Pattern, Template
from agent.kernel.release import VERSION

# Numbers that Kaltura stores in 32 bits.
_LARGEST_ID = 2**31 - 1
REFERRER_NAMES = ("device.id", "device.name", "device.site")


class EventSemantics(Enum):
    """Whose rules stats.collect events follow where the guide and Kaltura's own players disagree (decision 17)."""

    GUIDE = "guide"
    PLAYER = "player"


class RequestStyle(Enum):
    """How an event travels: POST as in the guide, or the GET beacon that the old pipeline reads (kaltura.md 5)."""

    POST = "post"
    BEACON = "get-beacon"


class UniqueViewer(Enum):
    """Who counts as one viewer."""

    NONE = "none"
    DEVICE = "device"
    VISIT = "visit"


class SequenceField(Enum):
    """Which field of an event carries its number on this device.

    Only one that the server logs and no report groups by will do: a number in the user, the referrer or the viewer
    would make each event one of its own.
    """

    NONE = "none"
    CONTROL_ID = "control-id"


@attrs.frozen(kw_only=True)
class Backlog:
    """How events are sent that piled up while the service could not be reached."""

    batch_size: int = setting(
        Whole(1, 204),
        "How many events one request carries at most while there is a backlog; 1 sends one by one. Live events always "
        "go one by one. The answers to 204 events are the most that is read of one request.",
        default=100,
        remote=True,
    )
    rate: float = setting(
        # Slower than one a second a queue may never get empty: that is not pace any more, but a way to stop it.
        Number(1, 100_000, zero=True),
        "How many events a second are sent of a backlog to each destination, give or take some, so that a thousand "
        "kiosks that come back at once do not flatten the service; 0 is as fast as it answers.",
        default=100.0,
        unit="events/s",
        remote=True,
    )
    coalesce_s: float = setting(
        Number(0, 60),
        "How long a live event may wait for others to travel with; 0 sends it at once.",
        default=0.0,
        unit="s",
        remote=True,
    )


@attrs.frozen(kw_only=True)
class Entries:
    """How a medium without an entry_id of its own finds its Kaltura entry."""

    file_pattern: str = setting(
        Pattern(),
        "A regular expression that finds the entry id in a file's name; its first group is the id, or all of it where "
        'it has no group. "" switches this rule off.',
        default=DEFAULT_FILE_PATTERN,
    )
    sidecar: bool = setting(
        Flag(),
        "Whether a text file beside the medium, named as the medium with .entry added (welcome.mp4.entry), may give "
        "the entry id.",
        default=True,
    )

    @property
    def rules(self) -> EntryRules:
        """The same, as `agent.config.entries.entry_for` takes them."""
        return EntryRules(self.file_pattern, self.sidecar)


@attrs.frozen(kw_only=True)
class Kaltura:
    """Where playback is reported, and as what."""

    enabled: bool = setting(
        Flag(), "Whether playback is reported at all; false plays without reporting.", default=True, remote=True
    )
    service_url: str | None = setting(
        ServiceUrl(),
        "The address of Kaltura's API, with or without /api_v3.",
        effect=Effect.DELIVERY,
        required="while kaltura.enabled",
        example="https://www.kaltura.com/api_v3",
    )
    partner_id: int | None = setting(
        Whole(1, _LARGEST_ID),
        "Your Kaltura account's number (KMC: Settings, Integration Settings).",
        effect=Effect.AGENT,
        required="while kaltura.enabled",
        example=102,
    )
    event_semantics: EventSemantics = setting(
        Choice(EventSemantics),
        "Whose rules events follow where Kaltura's guide and Kaltura's own players disagree: guide sends seconds, "
        "gives a replay a new session and fires a quartile only when playback reaches it; player does as "
        "Kaltura's players do.",
        default=EventSemantics.GUIDE,
        effect=Effect.DELIVERY,
    )
    referrer: str = setting(
        Template(REFERRER_NAMES, 1000),
        "What reports show as the page on which the video was played.",
        default="kiosk://{device.id}",
        effect=Effect.AGENT,
    )
    uiconf_id: int | None = setting(
        Whole(1, _LARGEST_ID),
        "A player configuration's number, so that reports can tell kiosks from other players. Some servers count only "
        "events that have one.",
        effect=Effect.AGENT,
        unset="not sent",
        example=23448579,
    )
    user_id: str | None = setting(
        Text(longest=64),
        "A user to whom all plays of this kiosk are attributed.",
        effect=Effect.AGENT,
        unset="not sent",
        example="lobby-screens",
    )
    client_version: str = setting(
        Text(longest=31),
        "What events name as the player and its version. Kaltura keeps 31 characters.",
        default=f"kiosk-agent/{VERSION}",
        effect=Effect.AGENT,
    )
    unique_viewer: UniqueViewer = setting(
        Choice(UniqueViewer),
        "Who counts as one viewer: none sends nothing about it; device sends one pseudonym for this kiosk; visit one "
        "for each visit ([visits]). A pseudonym is a keyed hash and names nobody.",
        default=UniqueViewer.NONE,
        effect=Effect.AGENT,
    )
    widget_id: str | None = setting(
        Text("a widget's id", longest=31),
        "The id of the player's widget, as _102 for account 102.",
        effect=Effect.AGENT,
        unset="not sent",
        example="_102",
    )
    sequence_field: SequenceField = setting(
        Choice(SequenceField),
        "Where an event carries its number on this device, so that whoever reads the service's log can see a gap or a "
        "repeat: none sends it nowhere; control-id sends it as controlId, as 3f5a-1042: four digits of the queue's "
        "generation, within which no number is used twice, and the number; where events before it were given up, how "
        "many: 3f5a-1042-250.",
        default=SequenceField.NONE,
        effect=Effect.DELIVERY,
    )
    request_style: RequestStyle = setting(
        Choice(RequestStyle),
        "How an event travels: post is what Kaltura's guide says; get-beacon is a GET whose answer says nothing, for "
        "services that count by their access logs. A beacon cannot be verified and carries no session and no batches.",
        default=RequestStyle.POST,
        effect=Effect.DELIVERY,
    )
    proxy: str = setting(
        Proxy(),
        "The way out: environment heeds https_proxy, http_proxy and no_proxy; none goes direct; or the address of an "
        "HTTP proxy.",
        default="environment",
        effect=Effect.DELIVERY,
    )
    connect_timeout_s: float = setting(
        Number(1, 120), "How long a connection may take to come about.", default=10.0, unit="s", effect=Effect.DELIVERY
    )
    read_timeout_s: float = setting(
        Number(1, 300), "How long the server may be silent.", default=20.0, unit="s", effect=Effect.DELIVERY
    )
    total_timeout_s: float = setting(
        Number(1, 600),
        "How long one request may take in all: a server that answers one byte at a time is given up too.",
        default=60.0,
        unit="s",
        effect=Effect.DELIVERY,
    )
    backlog: Backlog = table(Backlog, "How events are sent that piled up while the service could not be reached.")
    session: Session = table(Session, "With which Kaltura session (KS) events are sent.")
    entries: Entries = table(Entries, "How a medium without an entry_id of its own finds its Kaltura entry.")
