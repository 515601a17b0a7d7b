"""The `[kaltura]` table: where playback is reported, and as what.

Contract and rules: as agent.config.model.
Reasons: decisions 5 (what is frozen with an event), 17 (event_semantics), 24 (service_url); kaltura.md section 1
gives the lengths that the server keeps.
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.addresses import Proxy, SecretFile, ServiceUrl
from agent.config.entries import DEFAULT_FILE_PATTERN, EntryRules
from agent.config.kinds import Choice, Flag, Number, Text, Whole
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


class SessionMode(Enum):
    """How requests are authenticated."""

    NONE = "none"
    KS_FILE = "ks-file"


@attrs.frozen(kw_only=True)
class Session:
    """With which Kaltura session (KS) events are sent."""

    mode: SessionMode = setting(
        Choice(SessionMode),
        "none sends no session, which stats.collect accepts; ks-file sends the session that stands in ks_file.",
        default=SessionMode.NONE,
        effect=Effect.DELIVERY,
    )
    ks_file: str | None = setting(
        SecretFile(),
        "The file that holds the session: a path (a relative one starts at this file's folder), or a bare name, which "
        "is first looked up among the service's systemd credentials. The session itself never stands here.",
        effect=Effect.DELIVERY,
        secret=True,
        required='with mode = "ks-file"',
        unset="none",
        example="/etc/kiosk-agent/ks",
    )


@attrs.frozen(kw_only=True)
class Entries:
    """How a medium without an entry_id of its own finds its Kaltura entry."""

    file_pattern: str = setting(
        Pattern(),
        "A regular expression that finds the entry id in a file's name; its first group is the id, or all of it where "
        'it has no group. "" switches this rule off.',
        default=DEFAULT_FILE_PATTERN,
        effect=Effect.PLAYER,
    )
    sidecar: bool = setting(
        Flag(),
        "Whether a text file beside the medium, named as the medium with .entry added (welcome.mp4.entry), may give "
        "the entry id.",
        default=True,
        effect=Effect.PLAYER,
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
    session: Session = table(Session, "With which Kaltura session (KS) events are sent.")
    entries: Entries = table(Entries, "How a medium without an entry_id of its own finds its Kaltura entry.")
