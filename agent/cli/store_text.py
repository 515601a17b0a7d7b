"""The queue and its destinations in words: a part of `status`, and all of `queue stats`.

Contract: pure; the parts `queue`, `ledger` and `sinks` of a status in, lines out. Every part may be missing.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import bad, doubtful, faint, joined, paragraphs, section, state_word
from agent.cli.words import ago, count, moment, plain, size, span, tally

Part = Mapping[str, Any]


def store_report(figures: Part) -> list[str]:
    """The lines that `kiosk-agent queue stats` prints."""
    return paragraphs(*store_sections(plain(figures), None))


def store_sections(status: Part, now: float | None) -> list[list[str]]:
    """The lines about the queue, then those about each destination; `now`: the agent's wall clock in seconds."""
    sinks = [section("sink", _sink(sink, now)) for sink in status.get("sinks") or [] if sink]
    ledger = section("ledger", _ledger(status.get("ledger") or {}))
    return [section("queue", _queue(status.get("queue") or {}, now)), ledger, *sinks]


def _ledger(ledger: Part) -> list[str]:
    if not ledger:
        return []
    first, last, bound = ledger.get("first") or 1, ledger.get("last") or 0, ledger.get("bound_bytes")
    if last < first:
        lines = ["no plays yet"]
    else:
        stored = f"{size(ledger.get('bytes') or 0)}{f' of {size(bound)}' if bound else ''}"
        lines = [joined(count(last - first + 1, "play"), stored, f"numbers {first:,} to {last:,}")]
    for key, what in (
        ("pruned", "left it, being too old or too many"),
        ("unwritten", "have no line, since there was no room"),
        ("lost", "were lost in damage; the chain says where"),
    ):
        if ledger.get(key):
            lines.append((faint if key == "pruned" else doubtful)(f"{count(ledger[key], 'play')} {what}"))
    return lines


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
    if queue.get("trouble"):
        lines.append(bad("cannot be used: ") + queue["trouble"])
        lines.append("events wait in memory; it is tried again and again, and the figures here are those of before")
    if queue.get("disk_full"):
        lines.append(bad("the disk is full: ") + "old events make way for new ones")
    if queue.get("unburied"):
        lines.append(bad("missing: ") + f"{count(queue['unburied'], 'event')} left the queue, and nobody knows why")
    dropped = tally(queue.get("dropped") or {})
    if dropped:
        lines.append(doubtful("dropped: ") + dropped)
    for gone in queue.get("given_up") or []:
        lines.append(
            f"given up ({gone['reason']}): {gone['events']} × {gone['kind']}, from {ago(gone['first_wall'], now)}"
            f" to {ago(gone['last_wall'], now)}"
        )
    if queue.get("written_events") and queue.get("written_bytes") is not None:
        each = size(queue["written_bytes"] // queue["written_events"])
        lines.append(faint(f"{each} written to the disk for each event since the start"))
    if queue.get("estimated_times"):
        lines.append(
            f"{count(queue['estimated_times'], 'event')} dated by estimate, since the clock was not synchronised"
        )
    if queue.get("opening"):
        lines.append(doubtful("at the start: ") + queue["opening"])
    return [line for line in lines if line]


def _sink(sink: Part, now: float | None) -> list[str]:
    state = sink.get("state") or ""
    depth = sink.get("depth")
    lines = [
        joined(
            str(sink.get("name") or "?"),
            state_word(state),
            f"{depth:,} waiting" if depth else None,
            f"{sink['delivered']:,} delivered" if sink.get("delivered") is not None else None,
            f"last {ago(sink['last_delivery_wall'], now)}" if sink.get("last_delivery_wall") else None,
        )
    ]
    trouble = ": ".join(str(sink[key]) for key in ("cause", "text") if sink.get(key))
    if sink.get("draining") and not trouble:
        rate = sink.get("rate")
        how = "in batches" if sink.get("batched", True) else "one by one"
        lines.append(joined(f"sending a backlog {how}", f"{rate:,.0f} messages a second" if rate else None))
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
        lines.append(f"{count(sink['dead_letters'], 'dead letter')} kept; see kiosk-agent queue dead list")
    lines += _account(sink.get("account") or {})
    if sink.get("resent"):
        lines.append(f"{count(sink['resent'], 'message')} sent again, since an answer was lost")
    if sink.get("perhaps_repeated"):
        number = count(sink["perhaps_repeated"], "message")
        lines.append(f"{number} perhaps sent twice, since the agent was stopped or killed about then")
    if sink.get("accepted_ahead"):
        number = count(sink["accepted_ahead"], "message")
        lines.append(f"{number} arrived before an earlier one, which the service did not take at once")
    if sink.get("unverified"):
        lines.append(f"{count(sink['unverified'], 'message')} delivered unverified: no answer says that it was counted")
    return [line for line in lines if line]


def _account(account: Part) -> list[str]:
    """Whether the books are balanced (agent.outbox.accounting): all that was produced is in one of these numbers."""
    lines = []
    if account.get("produced"):
        parts = (("settled", "settled"), ("queued", "waiting"), ("dropped", "dropped"), ("skipped", "while it was off"))
        numbers = joined(*(f"{account[key]:,} {word}" for key, word in parts if account.get(key)))
        whole = count(account["produced"], "event")
        missing = account.get("difference")
        if missing:
            lines.append(bad(f"{abs(missing):,} {'missing' if missing > 0 else 'too many'} of {whole}: ") + numbers)
        else:
            lines.append(faint(f"all of {whole} accounted for: {numbers}"))
    if account.get("letters_difference"):
        lines.append(bad("dead letters do not add up: ") + count(abs(account["letters_difference"]), "message"))
    return lines
