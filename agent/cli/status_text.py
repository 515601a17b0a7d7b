"""The report of `status` for people.

Contract: `report(status)` turns the status call's answer into lines; pure.
Rules: every part may be missing and unknown ones are ignored, so that a command of one version can ask an agent of
another. What needs somebody's attention is coloured; the words say it too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.cli.layout import bad, doubtful, faint, good, joined, paragraphs, section, state_word
from agent.cli.remote_text import remote_lines
from agent.cli.store_text import store_sections
from agent.cli.words import count, media_time, moment, plain, span, tally
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause

Part = Mapping[str, Any]


def report(status: Part) -> list[str]:
    """The lines that `kiosk-agent status` prints."""
    status = plain(status)
    clock = status.get("clock") or {}
    head = [_headline(status), *([status["text"]] if status.get("text") else [])]
    machine = [
        *section("device", _device(status.get("device") or {})),
        *section("config", _config(status.get("config") or {})),
        *section("clock", _clock(clock, status.get("sinks") or [])),
    ]
    counters = tally(status.get("counters") or {})
    return paragraphs(
        head,
        machine,
        section("player", _player(status.get("player") or {})),
        section("session", _session(status.get("session") or {})),
        *store_sections(status, clock.get("wall")),
        section("broker", remote_lines(status.get("remote") or {}, clock.get("wall"))),
        section("intake", _intake(status.get("intake") or {})),
        section("counters", [counters] if counters else []),
    )


def _headline(status: Part) -> str:
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


def _player(player: Part) -> list[str]:
    if not player:
        return []
    item = player.get("item") or {}
    state = state_word(player.get("state") or "?")
    phase = player.get("phase")
    lines = [joined(state, phase if phase != player.get("state") else None, _place(item), _playhead(player))]
    if item.get("uri"):
        entry = item.get("entry_id")
        lines.append(f"{item['uri']} → {entry}" if entry else f"{item['uri']} {faint('(no entry: not reported)')}")
    spots = [f"{spot.get('role')} {spot.get('index')}" for spot in player.get("spots") or [] if spot]
    if spots:
        lines.append("in it: " + ", ".join(spots))
    host = player.get("host") or {}
    if host:
        restarts = host.get("restarts") or 0
        lines.append(
            joined(
                f"host pid {host['pid']}" if host.get("pid") else None,
                bad("not running") if host.get("running") is False else None,
                f"libvlc {host['libvlc']}" if host.get("libvlc") else None,
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


def _place(item: Part) -> str | None:
    if not item.get("index"):
        return None
    return f"item {item['index']}" + (f" of {item['count']}" if item.get("count") else "")


def _playhead(player: Part) -> str | None:
    if player.get("position") is None:
        return None
    duration, rate = player.get("duration"), player.get("rate")
    line = media_time(player["position"]) + (f" of {media_time(duration)}" if duration else "")
    return line if rate in (None, 1) else f"{line} at {rate:g}×"
