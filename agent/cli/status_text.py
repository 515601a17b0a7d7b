"""The report of `status` for people.

Contract: `report(status)` turns the status call's answer into lines; pure.
Rules: every part may be missing and unknown ones are ignored, so that a command of one version can ask an agent of
another. What needs somebody's attention is coloured; the words say it too.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import bad, doubtful, faint, good, joined, section
from agent.cli.words import ago, count, media_time, moment, plain, size, span, tally

Part = Mapping[str, Any]

_STATE_STYLES = {
    "playing": good,
    "idle": good,
    "sending": good,
    "waiting": doubtful,
    "stalled": doubtful,
    "starting": doubtful,
    "held": bad,
    "closed": bad,
    "off": faint,
}


def report(status: Part) -> list[str]:
    """The lines that `kiosk-agent status` prints."""
    status = plain(status)
    clock = status.get("clock") or {}
    now = clock.get("wall")
    lines = [_headline(status)]
    if status.get("text"):
        lines.append(status["text"])
    lines.append("")
    lines += section("device", _device(status.get("device") or {}))
    lines += section("config", _config(status.get("config") or {}))
    lines += section("clock", _clock(clock))
    lines += _spaced(section("player", _player(status.get("player") or {})))
    lines += _spaced(section("queue", _queue(status.get("queue") or {}, now)))
    for sink in filter(None, status.get("sinks") or []):
        lines += _spaced(section("sink", _sink(sink, now)))
    counters = tally(status.get("counters") or {})
    lines += _spaced(section("counters", [counters] if counters else []))
    return lines


def _spaced(lines: list[str]) -> list[str]:
    return ["", *lines] if lines else []


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


def _clock(clock: Part) -> list[str]:
    if clock.get("wall") is None:
        return []
    synced = clock.get("synced")
    word = None if synced is None else "synchronised" if synced else doubtful("not synchronised")
    return [joined(moment(clock["wall"]), word)]


def _player(player: Part) -> list[str]:
    if not player:
        return []
    item = player.get("item") or {}
    state = _state(player.get("state") or "?")
    lines = [joined(state, _place(item), _playhead(player))]
    if item.get("uri"):
        entry = item.get("entry_id")
        lines.append(f"{item['uri']} → {entry}" if entry else f"{item['uri']} {faint('(no entry: not reported)')}")
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


def _place(item: Part) -> str | None:
    if item.get("index") is None:
        return None
    return f"item {item['index'] + 1}" + (f" of {item['count']}" if item.get("count") else "")


def _playhead(player: Part) -> str | None:
    if player.get("position") is None:
        return None
    duration, rate = player.get("duration"), player.get("rate")
    line = media_time(player["position"]) + (f" of {media_time(duration)}" if duration else "")
    return line if rate in (None, 1) else f"{line} at {rate:g}×"


def _queue(queue: Part, now: float | None) -> list[str]:
    if not queue:
        return []
    events = queue.get("events")
    stored, bound = queue.get("bytes"), queue.get("bound_bytes")
    first = joined(
        None if events is None else count(events, "event") if events else "empty",
        None if stored is None else size(stored) + (f" of {size(bound)}" if bound else ""),
        f"oldest {ago(queue['oldest_wall'], now)}" if events and queue.get("oldest_wall") else None,
    )
    second = joined(
        f"generation {queue['generation']}" if queue.get("generation") else None,
        f"schema {queue['schema']}" if queue.get("schema") is not None else None,
    )
    lines = [first, faint(second) if second else ""]
    if queue.get("volatile"):
        lines.append(bad("volatile: ") + queue["volatile"])
    if queue.get("disk_full"):
        lines.append(bad("the disk is full: ") + "old events make way for new ones")
    dropped = tally(queue.get("dropped") or {})
    if dropped:
        lines.append(doubtful("dropped: ") + dropped)
    if queue.get("opening"):
        lines.append(doubtful("at the start: ") + queue["opening"])
    return [line for line in lines if line]


def _sink(sink: Part, now: float | None) -> list[str]:
    state = sink.get("state") or ""
    depth = sink.get("depth")
    lines = [
        joined(
            str(sink.get("name") or "?"),
            _state(state),
            f"{depth:,} waiting" if depth else None,
            f"{sink['delivered']:,} delivered" if sink.get("delivered") is not None else None,
            f"last {ago(sink['last_delivery_wall'], now)}" if sink.get("last_delivery_wall") else None,
        )
    ]
    trouble = ": ".join(str(sink[key]) for key in ("cause", "text") if sink.get(key))
    if trouble:
        lines.append((bad if state == "held" else doubtful)(trouble))
        lines.append(
            joined(
                f"since {moment(sink['since_wall'])}" if sink.get("since_wall") else None,
                count(sink["tries"], "try").replace("trys", "tries") if sink.get("tries") else None,
                f"next in {span(sink['next_try_s'])}" if sink.get("next_try_s") is not None else None,
            )
        )
    for key, label in (("passed", "passed over"), ("dropped", "dropped"), ("dead", "refused")):
        numbers = tally(sink.get(key) or {})
        if numbers:
            lines.append((faint if key == "passed" else doubtful)(f"{label}: ") + numbers)
    if sink.get("dead_letters"):
        lines.append(f"{count(sink['dead_letters'], 'dead letter')} kept; see kiosk-agent queue list --dead")
    if sink.get("resent"):
        lines.append(f"{count(sink['resent'], 'message')} sent again, since an answer was lost")
    return [line for line in lines if line]


def _state(state: str) -> str:
    return _STATE_STYLES.get(state, str)(state)
