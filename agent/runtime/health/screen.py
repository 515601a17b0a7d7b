"""Whether the screen shows what it should.

Contract: `screen(status)` yields what is wrong with the player; pure.
Rules: closed for the night, at the end of a list that does not loop, and buffering for a moment are no faults; nor is
a screen that is off outside its opening hours, or of which, or of whose hours, nothing is known. How long
a state lasts is the player's own `state_s`; where that is missing, the agent's uptime. How long no player that is not
ours has been followed counts by itself: such a one may be idle for hours before.
"""

from collections.abc import Iterator
from typing import Final

from agent.runtime.health.reasons import Kind, Part, Reason, degraded, duration, failing, number, part, text

START_S: Final = 120.0
"""libvlc without a plugin cache, on a slow card, needs up to a minute (agent.player.supervisor)."""
ATTACH_S: Final = 30.0
"""kiosk-attach has no libvlc to load: it dials each second, and its unit starts it again after two."""
STALLED_S: Final = 60.0
"""A stream that buffers longer has stopped."""
PAUSED_S: Final = 900.0
"""A visitor who pauses a film goes on or away in this time."""
MANY_RESTARTS: Final = 3
AN_HOUR_S: Final = 3600.0

DARK_S: Final = 300.0
"""Who switches a television off and on again is done by then."""

_LOOK = "See the log (journalctl -u kiosk-agent) and kiosk-agent doctor; kiosk-agent player next tries another item."


def screen(status: Part) -> Iterator[Reason]:
    """Everything that keeps the picture from being right."""
    player = part(status, "player")
    if not player:
        return
    yield from _frozen(part(status, "frozen"))
    uptime = number(status, "uptime_s") or 0.0
    lasts = number(player, "state_s")
    lasts = uptime if lasts is None else lasts
    host = part(player, "host")
    attached = part(player, "attached")
    if attached and (host.get("running") is False or text(attached, "follows") is None):
        # Playing is VLC's own business; that nobody sees it is ours.
        since = number(attached, "unfollowed_s")
        since = lasts if since is None else since
        if min(uptime, since) >= (ATTACH_S if host.get("running") is False else START_S):
            yield _nobody_followed(attached, since)
    elif host.get("running") is False and uptime >= START_S:
        yield _no_player(host, lasts)
    else:
        yield from _state(player, lasts)
    yield from _dark(part(status, "display"), player)
    restarts = number(host, "restarts") or 0
    if restarts >= MANY_RESTARTS and restarts * AN_HOUR_S > uptime:
        last = f"; the last end: {host['last_exit']}" if text(host, "last_exit") else ""
        yield degraded(Kind.PLAYER_RESTARTS, f"the player was restarted {restarts:.0f} times{last}", _LOOK)


def _no_player(host: Part, lasts: float) -> Reason:
    last = f" (the last one: {host['last_exit']})" if text(host, "last_exit") else ""
    return failing(Kind.NO_PLAYER, f"no player has run for {duration(lasts)}{last}", _LOOK)


def _nobody_followed(attached: Part, lasts: float) -> Reason:
    """The problem is said with what helps."""
    problem = text(attached, "problem") or "no VLC is seen: start it"
    what, _, remedy = problem.partition(": ")
    return failing(Kind.NO_PLAYER, f"no player is followed for {duration(lasts)}: {what}", remedy or problem)


def _frozen(frozen: Part) -> Iterator[Reason]:
    """What the watch over the picture says (agent.player.frozen_watch)."""
    cause = text(frozen, "cause")
    if cause is not None:
        yield failing(
            Kind.FROZEN,
            f"{cause}, for {duration(number(frozen, 'for_s') or 0.0)}",
            "It is restarted by itself; where that does not help, check the screen, its cable and the medium.",
        )


def _dark(display: Part, player: Part) -> Iterator[Reason]:
    """A picture that nobody sees, while somebody should."""
    lasts = number(display, "for_s") or 0.0
    is_shut = text(player, "state") in ("closed", "idle")
    if text(display, "state") == "off" and display.get("should_be_on", True) and lasts >= DARK_S and not is_shut:
        why = text(display, "why") or "no reason given"
        yield degraded(
            Kind.DARK_SCREEN,
            f"the screen has been dark for {duration(lasts)}: {why}",
            "Switch it on, check its cable; display.hours says when it may be off, display.connector which one counts.",
        )


def _state(player: Part, lasts: float) -> Iterator[Reason]:
    match text(player, "state"):
        case "starting" | "opening" | "loaded" as state if lasts >= START_S:
            yield failing(Kind.NOT_PLAYING, f"the player is {state} for {duration(lasts)}", _LOOK)
        case "waiting":
            yield failing(
                Kind.NOT_PLAYING,
                "no item of the playlist can be played",
                "Check that the media are there and readable: kiosk-agent doctor, and the log name them.",
            )
        case "stalled" if lasts >= STALLED_S:
            yield failing(
                Kind.STALLED,
                f"the picture has stood still for {duration(lasts)}, waiting for data",
                "Check the stream's server and the network to it; kiosk-agent player next tries another item.",
            )
        case "paused" if lasts >= PAUSED_S:
            yield degraded(
                Kind.PAUSED, f"the picture is paused for {duration(lasts)}", "kiosk-agent player resume goes on."
            )
        case "idle" if text(player, "phase") == "stopped":
            yield degraded(Kind.STOPPED, "the player was stopped by a command", "kiosk-agent player play goes on.")
