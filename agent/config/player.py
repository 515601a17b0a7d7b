"""The `[player]` table: what is played, and how.

Contract and rules: as agent.config.model.
Reasons: decision 35 (of VLC's options a broker sets those in agent.config.medium_options alone, since `:sout` writes
files, and of media those that agent.config.media permits); vlc.md sections 1 and 6 (null outputs, restarts).
"""

# ruff: noqa: RUF009  (`setting` and `table` make attrs fields, as attrs.field does; nothing is shared)

from datetime import date, datetime
from enum import Enum

import attrs

from agent.config.addresses import MediaUri
from agent.config.cache import Cache, Checksum
from agent.config.hours import Opening, Window
from agent.config.kinds import Choice, Flag, Number, Several, Text, Whole
from agent.config.player_watch import Frozen, Restart
from agent.config.setting import Effect, setting, table, tables
from agent.config.words import EntryId, Hours, Moment, VlcOption
from agent.kernel.media import Role

# A week, in seconds: no medium of a kiosk is longer.
_LONGEST_S = 7 * 86_400
_OPTIONS = 64
_DEVICE_NAME = Text("the name of an audio device", longest=300)
_VOLUME = Whole(0, 200)


class Source(Enum):
    """Who plays: a player of the agent's own (VLC), or a VLC that runs already, asked over MPRIS or HTTP."""

    VLC = "vlc"
    MPRIS = "mpris"
    HTTP = "http"


class HostMode(Enum):
    """Who runs the player: the agent as a process of its own (CHILD), or systemd as a service (UNIT)."""

    CHILD = "child"
    UNIT = "unit"


class Rotation(Enum):
    """How far the picture is turned, in degrees clockwise."""

    NONE = 0
    RIGHT = 90
    HALF = 180
    LEFT = 270


class Headless(Enum):
    """Whether VLC plays into null outputs: AUTO does so where there is no display."""

    AUTO = "auto"
    ALWAYS = True
    NEVER = False


@attrs.frozen(kw_only=True)
class PlaylistItem:
    """One item of the playlist; what is not set here is taken from [player]."""

    uri: str = setting(
        MediaUri(),
        "What is played: a file, a folder (its files in order of their names) or an M3U list, as a path or file:// "
        "URL, or the URL of a stream. A relative path starts at this file's folder.",
        effect=Effect.LIVE,
        remote=True,
        required="always",
        example="file:///srv/media/welcome.mp4",
    )
    entry_id: str | None = setting(
        EntryId(),
        "The Kaltura entry as which it is reported.",
        remote=True,
        unset="found by the rules of [kaltura.entries]; a medium without an entry is played and not reported",
        example="0_abcd1234",
    )
    role: Role | None = setting(
        Choice(Role),
        "What it is: content, or an advertisement or bumper that belongs to a content item of the list and counts for "
        "that item's entry. preroll and bumper-pre belong to the next content item and play before it, in the order of "
        "the list; midroll and overlay (an image file, drawn over the picture) belong to the content item before them "
        "and come at at_s; postroll and bumper-post play after that item's end.",
        remote=True,
        unset="content",
        example="midroll",
    )
    at_s: float | None = setting(
        Number(0, _LONGEST_S),
        "How far into its content item a midroll or an overlay comes.",
        unit="s",
        remote=True,
        unset="needed by a midroll and an overlay, and by nothing else",
        example=30.0,
    )
    duration_s: float | None = setting(
        # An image that stands for less may be gone before the player says a time: it could not be counted as a play.
        Number(0.5, _LONGEST_S),
        "Ends the item after this time; for an image or an overlay, how long it stands.",
        unit="s",
        remote=True,
        unset="to its end; an image: player.image_duration_s",
        example=30.0,
    )
    live: bool = setting(
        Flag(),
        "Whether it is a live stream: it has no length, so no quartiles are reported.",
        default=False,
        remote=True,
    )
    seamless: bool = setting(
        Flag(),
        "Whether VLC begins it again by itself, without a gap and without a frame of black; each pass is reported as a "
        "play of its own. For the one item of a list that loops (seamless.md); in a list of several, the option "
        ":input-repeat=4 plays an item five times in a row.",
        default=False,
        remote=True,
    )
    cache: bool = setting(
        Flag(),
        "Whether a copy is kept on this machine, so that it plays while the network is away (cache.md). For a file at "
        "an http:// or https:// address.",
        default=False,
        remote=True,
    )
    sha256: str | None = setting(
        Checksum(),
        "The checksum that the copy (cache = true) must have; another file is not taken.",
        remote=True,
        unset="not checked: the copy is what the server sent, whole",
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
    volume: int | None = setting(_VOLUME, "How loud.", unit="%", remote=True, unset="as player.volume", example=80)
    audio_device: str | None = setting(
        _DEVICE_NAME, "Where the sound goes.", unset="as player.audio_device", example="hdmi:CARD=vc4hdmi0,DEV=0"
    )
    rotation: Rotation | None = setting(
        Choice(Rotation),
        "How far the picture is turned.",
        unit="°",
        remote=True,
        unset="as player.rotation",
        example=90,
    )
    options: tuple[str, ...] = setting(
        Several(VlcOption(":", ":network-caching=3000"), _OPTIONS),
        "Further options of VLC for this item.",
        default=(),
        remote=True,
    )
    hours: tuple[Opening, ...] = setting(
        Several(Hours(), 50, lone=True),
        "When it may be shown, in the machine's local time.",
        default=(),
        remote=True,
        unset="at all hours",
        example=["Mon-Fri 08:00-20:00", "Sat,Sun 10:00-18:00"],
    )
    valid_from: date | datetime | None = setting(
        Moment(), "Not shown before.", remote=True, unset="no limit", example=date(2026, 12, 1)
    )
    valid_until: date | datetime | None = setting(
        Moment(),
        "Not shown from this time on, or after this day.",
        remote=True,
        unset="no limit",
        example=date(2026, 12, 24),
    )
    start_s: float | None = setting(
        Number(0, _LONGEST_S), "Begins this far into the medium.", unit="s", remote=True, unset="at 0", example=5.0
    )
    stop_s: float | None = setting(
        Number(0.1, _LONGEST_S),
        "Ends this far into the medium.",
        unit="s",
        remote=True,
        unset="at its end",
        example=25.0,
    )

    @property
    def window(self) -> Window:
        """When the item may be shown."""
        return Window(self.hours, self.valid_from, self.valid_until)


@attrs.frozen(kw_only=True)
class Player:
    """What is played, and how."""

    source: Source = setting(
        Choice(Source),
        "Who plays. vlc: a player of the agent's own. mpris, http: a VLC that the kiosk starts itself; "
        "kiosk-attach.service asks it over MPRIS, or over VLC's HTTP interface, and the agent reports what it plays "
        "(attached.md). The playlist then only names entries for addresses, and may be empty.",
        default=Source.VLC,
        effect=Effect.AGENT,
    )
    host: HostMode = setting(
        Choice(HostMode),
        "Who runs the player. child: the agent, as a process that is started again when it dies and that ends with the "
        "agent. unit: systemd, as kiosk-player.service, with a user and a watchdog of its own; the picture goes on "
        "while the agent restarts or is upgraded. VLC's options are then on that service's command line (--headless, "
        "--vlc), and player.headless and player.vlc_options have no effect.",
        default=HostMode.CHILD,
        effect=Effect.AGENT,
    )
    loop: bool = setting(
        Flag(),
        "Whether the list begins again after its last item; false ends after one pass.",
        default=True,
        remote=True,
    )
    shuffle: bool = setting(
        Flag(), "Whether each pass of the list has an order of its own.", default=False, remote=True
    )
    volume: int = setting(_VOLUME, "How loud.", default=100, unit="%", remote=True)
    audio_device: str | None = setting(
        _DEVICE_NAME,
        "Where the sound goes, as VLC names it.",
        effect=Effect.PLAYER,
        unset="the system's choice",
        example="hdmi:CARD=vc4hdmi0,DEV=0",
    )
    rotation: Rotation = setting(
        Choice(Rotation),
        "How far the picture is turned, clockwise.",
        default=Rotation.NONE,
        unit="°",
        effect=Effect.PLAYER,
        remote=True,
    )
    fullscreen: bool = setting(Flag(), "Whether the picture fills the screen.", default=True, effect=Effect.PLAYER)
    image_duration_s: float = setting(
        Number(0.5, 86_400), "How long an image stands.", default=10.0, unit="s", remote=True
    )
    headless: Headless = setting(
        Choice(Headless),
        "Whether VLC plays into null outputs, without picture and sound: auto does so where no display is found when "
        "the player starts. Set it to false on a kiosk whose screen may be switched off at that moment.",
        default=Headless.AUTO,
        effect=Effect.PLAYER,
    )
    vlc_options: tuple[str, ...] = setting(
        Several(VlcOption("--", "--network-caching=3000"), _OPTIONS),
        "Further options of VLC for the player. Each is tried in a process of its own first, since one that VLC does "
        "not know keeps VLC from starting.",
        default=(),
        effect=Effect.PLAYER,
    )
    restart: Restart = table(Restart, "How the player's process is watched, and started again after it died or hung.")
    frozen: Frozen = table(Frozen, "How a picture that stands still is noticed, and mended.")
    cache: Cache = table(Cache, "The copies of media from the network, for items with cache = true.")
    playlist: tuple[PlaylistItem, ...] = tables(
        PlaylistItem, "One item of the playlist; what is not set here is taken from [player]."
    )

    @property
    def is_attached(self) -> bool:
        """Whether what plays is not the agent's."""
        return self.source is not Source.VLC
