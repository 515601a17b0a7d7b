"""The settings of the agent: one typed tree, from which everything else about configuration is made.

Contract: `Settings()` with its tables; frozen values with plain attributes. `agent.config.files.load` makes one.
Rules: durations are seconds and sizes bytes, and names say so (`_s`, `_bytes`, `_days`, `_percent`). Each field
carries its help text and rules (agent.config.setting). Defaults are those of a kiosk that plays one list for ever.
Reasons: decisions 4, 17, 22, 29, 33, 34, 35. What may be set remotely: on and off, playlist and levels; never an
address, a partner, a credential, a path or a harmful option of VLC (agent.config.permission).
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from enum import Enum

import attrs

from agent.config.broker import PublicFile
from agent.config.display import Display
from agent.config.intake import Intake, Visits
from agent.config.kaltura import Kaltura
from agent.config.kinds import Choice, Number, Several, Text, Whole
from agent.config.ledger import Ledger
from agent.config.metrics import Metrics
from agent.config.player import Player
from agent.config.remote import Remote
from agent.config.setting import Effect, setting, table
from agent.config.track_event import TrackEvent
from agent.config.words import DeviceId
from agent.config.xapi import Xapi

MIB = 1024 * 1024


class Level(Enum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class GiveUp(Enum):
    """Which events go first where there is no room, among those of equal importance."""

    OLDEST = "oldest"
    NEWEST = "newest"


class LogFormat(Enum):
    """How a log line looks: AUTO is text on a terminal, the journal's own under systemd, and JSON elsewhere."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


@attrs.frozen(kw_only=True)
class Device:
    """Who this kiosk is."""

    id: str = setting(
        DeviceId(),
        "The name by which Kaltura's reports and your fleet know this kiosk. Change it only for another kiosk: events "
        "that are already queued keep the id they were made with.",
        default="",
        effect=Effect.AGENT,
        unset="derived from the machine id and the board's serial number",
        example="device-001",
    )
    name: str | None = setting(
        Text(), "A name for people, as it is painted on the kiosk.", unset="none", example="Lobby, left screen"
    )
    site: str | None = setting(Text(), "Where the kiosk stands.", unset="none", example="Berlin-Mitte")
    tags: tuple[str, ...] = setting(
        Several(Text("a word", longest=64), most=32), "Words by which people sort their kiosks.", default=()
    )


@attrs.frozen(kw_only=True)
class Queue:
    """How much is kept while the destination cannot be reached."""

    max_bytes: int | None = setting(
        Whole(4 * MIB, 1024 * 1024 * MIB),
        "The most that the database of unsent events may take on the disk. Beyond it events are given up, heartbeats "
        "first, and counted.",
        unit="bytes",
        effect=Effect.AGENT,
        unset="256 MiB or 5 % of the file system, whichever is smaller",
        example=256 * MIB,
    )
    give_up: GiveUp = setting(
        Choice(GiveUp),
        "What goes first beyond max_bytes, once no heartbeat is left: the oldest events or the newest ones; either way "
        "what counts a play goes after the details of plays.",
        default=GiveUp.OLDEST,
        effect=Effect.AGENT,
    )
    durability_s: float = setting(
        Number(0, 60),
        "How long what the player does may wait in memory to be written together, since every write wears flash out: a "
        "power cut loses at most this much. What was delivered waits for the next write, at most 10 s longer, and a "
        "power cut has it sent once more, at most 7 messages. What an application reports is written at once. With 0 "
        "everything is.",
        default=1.0,
        unit="s",
        effect=Effect.AGENT,
    )
    max_age_days: float = setting(
        Number(1, 3650),
        "Events older than this are dropped and counted.",
        default=90.0,
        unit="days",
        effect=Effect.AGENT,
    )
    export_recipient_file: str | None = setting(
        PublicFile(),
        "The certificate (PEM) that `kiosk-agent queue export` encrypts its files to, by the command openssl; whoever "
        "has its private key can import them. Its public half is enough here.",
        unset="none: the files are not encrypted",
        example="/etc/kiosk-agent/office.pem",
    )


@attrs.frozen(kw_only=True)
class Log:
    """What the agent says about itself, on standard error."""

    level: Level = setting(Choice(Level), "How much is logged.", default=Level.INFO, remote=True)
    format: LogFormat = setting(
        Choice(LogFormat),
        "How it is written: auto is text on a terminal, entries with fields in systemd's journal, and JSON elsewhere.",
        default=LogFormat.AUTO,
        effect=Effect.AGENT,
    )


@attrs.frozen(kw_only=True)
class Settings:
    """Everything that can be set."""

    device: Device = table(Device, "Who this kiosk is.")
    kaltura: Kaltura = table(Kaltura, "Where playback is reported, and as what.")
    track_event: TrackEvent = table(
        TrackEvent, "Application events and player events for Kaltura's analytics server (analytics.trackEvent)."
    )
    xapi: Xapi = table(Xapi, "xAPI statements for a Learning Record Store (LRS).")
    player: Player = table(Player, "What is played, and how.")
    display: Display = table(
        Display, "Whether anybody can see the picture, and what becomes of plays that nobody could."
    )
    intake: Intake = table(
        Intake, "The local socket on which the kiosk's own application reports page loads, clicks and the like."
    )
    visits: Visits = table(
        Visits,
        "Whether visitors of a touch kiosk are told apart: a visit's page views, clicks and plays share a context.",
    )
    remote: Remote = table(
        Remote, "The MQTT broker that steers this kiosk; without an address the kiosk stands on its own."
    )
    queue: Queue = table(Queue, "How much is kept while Kaltura cannot be reached.")
    ledger: Ledger = table(Ledger, "The record of each play that stays on this kiosk, for reports.")
    log: Log = table(Log, "What the agent says about itself, on standard error.")
    metrics: Metrics = table(
        Metrics, "Figures for Prometheus: as a file for node_exporter, or on a port; both off where they are not set."
    )
