"""The long report of `status` for people.

Contract: `report(status)` turns the status call's answer into lines; pure. `headline`, `item_place` and `playhead` are
the short report's too.
Rules: every part may be missing and unknown ones are ignored, so that a command of one version can ask an agent of
another. What needs somebody's attention is coloured; the words say it too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.cli.cache_text import cache_lines
from agent.cli.display_text import display_lines
from agent.cli.layout import bad, doubtful, faint, good, joined, paragraphs, section, state_word
from agent.cli.remote_text import remote_lines
from agent.cli.store_text import store_sections
from agent.cli.words import count, media_time, moment, plain, size, span, tally
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause
from agent.runtime.health.judgement import Judgement
from agent.runtime.health.reasons import Verdict

Part = Mapping[str, Any]


def report(status: Part, judgement: Judgement) -> list[str]:
    """The lines that `kiosk-agent status --long` prints."""
    status = plain(status)
    clock = status.get("clock") or {}
    head = [headline(status), *([status["text"]] if status.get("text") else [])]
    running = status.get("running") is not False and not status.get("text")
    machine = [
        *section("device", _device(status.get("device") or {})),
        *section("config", _config(status.get("config") or {})),
        *section("clock", _clock(clock, status.get("sinks") or [])),
        *section("machine", _machine(status.get("machine") or {})),
    ]
    counters = tally(status.get("counters") or {})
    return paragraphs(
        head,
        section("health", health(judgement)) if running else [],
        machine,
        section("player", _player(status.get("player") or {})),
        section("cache", cache_lines(status.get("cache") or {})),
        section("display", display_lines(status.get("display") or {})),
        section("session", _session(status.get("session") or {})),
        *store_sections(status, clock.get("wall")),
        section("broker", remote_lines(status.get("remote") or {}, clock.get("wall"))),
        section("intake", _intake(status.get("intake") or {})),
        section("counters", [counters] if counters else []),
    )


def headline(status: Part) -> str:
    """Who answers, and since when."""
    if status.get("running") is False:
        source = "what follows was read from its store" if status.get("queue") else None
        return joined("kiosk-agent", doubtful("no agent is running"), source)
    ready = status.get("ready")
    return joined(
        f"kiosk-agent {status.get('version') or ''}".rstrip(),
        None if ready is None else good("ready") if ready else doubtful("not ready"),
        f"up {span(status['uptime_s'])}" if status.get("uptime_s") is not None else None,
        f"since {moment(status['started_wall'])}" if status.get("started_wall") else None,
        f"pid {status['pid']}" if status.get("pid") else None,
    )


def health(judgement: Judgement) -> list[str]:
    """All that is wrong, each with what helps."""
    if judgement.verdict is Verdict.FINE:
        return [good("fine")]
    lines = []
    for reason in judgement.reasons:
        colour = bad if reason.verdict is Verdict.FAILING else doubtful
        lines += [colour(f"{reason.verdict.value}: ") + plain(reason.text), faint("→ ") + plain(reason.remedy)]
    return lines


def _device(device: Part) -> list[str]:
    tags = device.get("tags") or []
    line = joined(device.get("id"), device.get("name"), device.get("site"), " ".join(f"#{tag}" for tag in tags))
    return [line] if line else []


def _config(config: Part) -> list[str]:
    lines = [str(config["file"])] if config.get("file") else []
    return lines + [doubtful("warning: ") + str(text) for text in config.get("warnings") or []]


def _clock(clock: Part, sinks: Sequence[Part]) -> list[str]:
    wall = clock.get("wall")
    if wall is None:
        return []
    synced = clock.get("synced")
    word = None if synced is None else "synchronised" if synced else doubtful("not synchronised")
    lines = [joined(moment(wall), word)]
    if wall < BUILD_EPOCH:
        lines.append(bad("wrong: ") + "that was before this program was made")
    waiting = [str(sink.get("name") or "?") for sink in sinks if sink.get("cause") == Cause.CLOCK.value]
    if waiting:
        lines.append(bad("waits for it: ") + ", ".join(waiting) + faint(" (kiosk-agent doctor says what to do)"))
    return lines


def _machine(machine: Part) -> list[str]:
    free, heat = machine.get("disk_free_bytes"), machine.get("temperature_c")
    line = joined(
        None if free is None else f"{size(free)} free",
        None if heat is None else f"{heat:.0f} °C",
        bad("under-voltage since the boot") if machine.get("under_voltage") else None,
    )
    return [line] if line else []


def _player(player: Part) -> list[str]:
    if not player:
        return []
    item = player.get("item") or {}
    state = state_word(player.get("state") or "?")
    phase = player.get("phase")
    lines = [joined(state, phase if phase != player.get("state") else None, item_place(item), playhead(player))]
    if item.get("uri"):
        entry = item.get("entry_id")
        lines.append(f"{item['uri']} → {entry}" if entry else f"{item['uri']} {faint('(no entry: not reported)')}")
    spots = [f"{spot.get('role')} {spot.get('index')}" for spot in player.get("spots") or [] if spot]
    if spots:
        lines.append("in it: " + ", ".join(spots))
    host = player.get("host") or {}
    lines += attached_lines(player)
    if host:
        restarts = host.get("restarts") or 0
        lines.append(
            joined(
                f"host pid {host['pid']}" if host.get("pid") else None,
                bad("not running") if host.get("running") is False else None,
                _library(host, player),
                doubtful(count(restarts, "restart")) if restarts else None,
                f"last exit: {host['last_exit']}" if host.get("last_exit") else None,
            )
        )
    skipped = tally(player.get("skipped") or {})
    if skipped:
        lines.append(doubtful("skipped: ") + skipped)
    rejected = player.get("rejected_options") or []
    if rejected:
        lines.append(doubtful("VLC does not know: ") + " ".join(map(str, rejected)))
    return [line for line in lines if line]


def _library(host: Part, player: Part) -> str | None:
    if not host.get("libvlc"):
        return None
    return str(host["libvlc"]) if player.get("attached") else f"libvlc {host['libvlc']}"


def attached_lines(player: Part) -> list[str]:
    """Which player that is not the agent's is followed, and how much is known of it; none where it is its own."""
    attached = player.get("attached") or {}
    if not attached:
        return []
    nobody = "follows no VLC" if (player.get("host") or {}).get("running") else "kiosk-attach is not connected"
    others = ", ".join(str(each) for each in attached.get("others") or [])
    follows = attached.get("follows")
    lines = [
        joined(
            f"follows {follows}" if follows else doubtful(nobody),
            f"others, not followed: {others}" if others else None,
        ),
        faint(str(attached.get("accuracy") or "")),
    ]
    return [*lines, bad("problem: ") + str(attached["problem"])] if attached.get("problem") else lines


def _session(session: Part) -> list[str]:
    """Nothing where requests go without one."""
    state = session.get("state")
    if not state or state == "none":
        return []
    left = span(session["left_s"]) if session.get("left_s") else None
    renewals = session.get("renewals") or 0
    line = joined(
        session.get("mode"),
        good("there is one") if state == "fresh" else bad("none can be had") if state == "refused" else "none yet",
        f"ends in {left}" if left else None,
        f"{renewals} started" if renewals else None,
    )
    text = session.get("text")
    return [line, (bad if state == "refused" else doubtful)(str(text))] if text else [line]


def _intake(intake: Part) -> list[str]:
    listening = [str(each) for each in intake.get("listening") or []]
    lines = [joined(*listening, tally(intake.get("counters") or {}))]
    for each in intake.get("shut") or []:
        lines += [bad("shut: ") + str(each.get("problem")), faint(str(each.get("remedy")))]
    return [line for line in lines if line]


def item_place(item: Part) -> str | None:
    """Where in its list the item stands."""
    if not item.get("index"):
        return None
    return f"item {item['index']}" + (f" of {item['count']}" if item.get("count") else "")


def playhead(player: Part) -> str | None:
    """How far it has played."""
    if player.get("position") is None:
        return None
    duration, rate = player.get("duration"), player.get("rate")
    line = media_time(player["position"]) + (f" of {media_time(duration)}" if duration else "")
    return line if rate in (None, 1) else f"{line} at {rate:g}×"
