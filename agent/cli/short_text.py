"""The short report of `status`: in ten lines, is this kiosk fine?

Contract: `short_report(status, judgement)` answers at most `MOST_LINES` lines; pure. The first says it; what is wrong
comes with its remedy; the last names the way to all the rest.
Rules: as agent.cli.status_text.
"""

from collections.abc import Callable, Sequence

from agent.cli.display_text import screen_word
from agent.cli.layout import bad, doubtful, faint, good, joined, section, state_word
from agent.cli.status_text import Part, headline, item_place, playhead
from agent.cli.words import ago, count, plain, size, span, tally
from agent.runtime.health.judgement import Judgement
from agent.runtime.health.reasons import Reason, Verdict

MOST_LINES = 10
MOST_REASONS = 3
MOST_SINKS = 2
LONGEST = 300


def short_report(status: Part, judgement: Judgement) -> list[str]:
    """The lines that `kiosk-agent status` prints."""
    status = plain(status)
    if status.get("running") is False:
        return [headline(status), *_offline(status)]
    wall = (status.get("clock") or {}).get("wall")
    lines = [*_verdict(judgement), _who(status)]
    lines += section("player", _player(status.get("player") or {}, status.get("display") or {}))
    lines += section("queue", _queue(status.get("queue") or {}, wall))
    lines += section("sinks", _sinks(status.get("sinks") or [], wall))
    hint = faint("more: kiosk-agent status --long")
    return [*lines[: MOST_LINES - 1], hint]


def verdict_line(judgement: Judgement) -> str:
    """The healthcheck's one line, without colours."""
    if judgement.verdict is Verdict.FINE:
        return "fine"
    more = len(judgement.reasons) - 1
    return f"needs attention: {_cut(judgement.reasons[0].text)}" + (
        f", and {count(more, 'thing')} more" if more else ""
    )


def _verdict(judgement: Judgement) -> list[str]:
    """What is wrong and what helps; `MOST_REASONS` lines and one at most."""
    if judgement.verdict is Verdict.FINE:
        return [good("fine")]
    first, *others = judgement.reasons
    lines = [_colour(first)("needs attention: ") + _cut(first.text), faint("→ ") + _cut(first.remedy)]
    lines += [_colour(each)("also: ") + _cut(each.text) + faint(" → ") + _cut(each.remedy) for each in others]
    left = len(lines) - MOST_REASONS - 1
    return [*lines[:MOST_REASONS], lines[MOST_REASONS] + f" (and {left} more)"] if left > 0 else lines


def _colour(reason: Reason) -> Callable[[str], str]:
    return bad if reason.verdict is Verdict.FAILING else doubtful


def _cut(text: str) -> str:
    line = " ".join(str(plain(text)).split())
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def _who(status: Part) -> str:
    """Which kiosk answers, and whether its fleet can reach it."""
    remote = status.get("remote") or {}
    broker = None if not remote.get("url") else "broker online" if remote.get("online") else doubtful("broker offline")
    return joined((status.get("device") or {}).get("id"), headline(status), broker)


def _offline(status: Part) -> list[str]:
    if status.get("text"):
        return [str(status["text"])]
    return [
        *section("queue", _queue(status.get("queue") or {}, None)),
        *section("sinks", _sinks(status.get("sinks") or [], None)),
        faint("more: kiosk-agent status --long"),
    ]


def _player(player: Part, display: Part) -> list[str]:
    if not player:
        return []
    item = player.get("item") or {}
    skipped = tally(player.get("skipped") or {})
    return [
        joined(
            state_word(str(player.get("state") or "?")),
            item_place(item),
            playhead(player),
            item.get("entry_id"),
            screen_word(display),
            f"skipped {skipped}" if skipped else None,
            _attached(player),
        )
    ]


def _attached(player: Part) -> str | None:
    """Which player that is not the agent's is followed, and how; None where it is the agent's."""
    attached = player.get("attached") or {}
    if not attached:
        return None
    if (player.get("host") or {}).get("running") is False:
        return doubtful("kiosk-attach is not connected")
    source = str(attached.get("source") or "?").upper()
    follows = attached.get("follows")
    return f"{follows} over {source}" if follows else doubtful(f"no VLC over {source}")


def _queue(queue: Part, now: float | None) -> list[str]:
    if not queue:
        return []
    events, stored, bound = queue.get("events"), queue.get("bytes"), queue.get("bound_bytes")
    return [
        joined(
            None if events is None else count(events, "event") if events else "empty",
            None if stored is None else size(stored) + (f" of {size(bound)}" if bound else ""),
            f"oldest {ago(queue['oldest_wall'], now)}" if events and queue.get("oldest_wall") else None,
        )
    ]


def _sinks(sinks: Sequence[Part], now: float | None) -> list[str]:
    lines = []
    for sink in sinks[:MOST_SINKS]:
        since = sink.get("since_s")
        waiting = sink.get("cause") if sink.get("state") in ("waiting", "held") else None
        lines.append(
            joined(
                str(sink.get("name") or "?"),
                state_word(str(sink.get("state") or "?")),
                f"{waiting} for {span(since)}" if waiting and since is not None else waiting,
                f"{sink['delivered']:,} delivered" if sink.get("delivered") is not None else None,
                f"last {ago(sink['last_delivery_wall'], now)}" if sink.get("last_delivery_wall") else None,
            )
        )
    if len(sinks) > MOST_SINKS and lines:
        lines[-1] += f" · and {count(len(sinks) - MOST_SINKS, 'destination')} more"
    return lines
