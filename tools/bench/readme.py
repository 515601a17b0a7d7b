"""Writes README.md's table of figures from figures.json.

Contract: `table(figures)` is the text between the markers; `written(page, figures)` the page with it. What a benchmark
that is newer than the figures would say is left out. A test compares README.md with figures.json, so that no figure can
be changed by hand.

Run: python -m tools.bench.readme
"""

import json
from pathlib import Path
from typing import Any

from tools.bench import fleet

ROOT = Path(__file__).parents[2]
FIGURES = Path(__file__).with_name("figures.json")
README = ROOT / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def table(figures: dict[str, Any]) -> str:
    """The figures in Markdown, aims beside them where there are any."""
    machine, versions, append = figures["machine"], figures["versions"], figures["append"]
    found = figures["footprint"]
    start, playing, idle = found["start"], found["playing"], found["idle"]
    rows = [
        ("memory of the agent, playing (RSS / USS)", _memory(playing["memory"]), "45 MiB RSS"),
        ("memory of the agent, idle (RSS / USS)", _memory(idle["memory"]), "45 MiB RSS"),
        *(_steered(found["steered"]) if "steered" in found else []),
        ("memory of the player host, playing (RSS / USS)", _memory(playing["host_memory"]), ""),
        ("processor time of the agent, playing", f"{playing['cpu_percent']:.2f} % of one core", ""),
        ("processor time of the agent, idle", f"{idle['cpu_percent']:.2f} % of one core", ""),
        ("wake-ups a minute, playing / idle", _pair(playing, idle, "wakeups_per_minute", "{:.0f}"), ""),
        ("written to the disk a minute, playing / idle", _written(playing, idle), "0 idle"),
        ("start: exec to ready", f"{start['ready_s']:.2f} s", ""),
        ("start: exec to the first event durable", f"{start['first_event_s']:.2f} s", ""),
        ("start: of that, processor time / importing", f"{start['cpu_s']:.2f} s / {start['import_s']:.2f} s", ""),
        ("durable appends a second", f"{append['outbox_per_second']:,.0f}", ""),
        ("the same with bare sqlite3", f"{append['bare_per_second']:,.0f}", ""),
        ("share of the bare loop's speed, median of paired rounds / sum of all", _shares(append), "90 %"),
        *_drain(figures["drain"]),
        *(_flash(figures["flash"]) if "flash" in figures else []),
        *(_load(figures["load"]) if "load" in figures else []),
        *(fleet.rows(figures["fleet"]) if "fleet" in figures else []),
    ]
    lines = [
        f"Measured on {figures['date']} by `tools/bench/run` on {machine['processor']} ({machine['cores']} cores,"
        f" {machine['architecture']}, load {machine['load_before']}),",
        f"{machine['system']}, Python {versions['Python']}, SQLite {versions['SQLite']}, in an environment with only"
        " `requirements.lock`.",
        "",
        "| what | figure | aim |",
        "|---|---|---|",
        *(f"| {what} | {figure} | {aim} |" for what, figure, aim in rows),
        "",
        "libvlc is never loaded into the agent's process: the player host owns it. An https address adds the system's"
        " certificates",
        "(about 2 MiB). Nothing was measured on a Raspberry Pi yet.",
    ]
    return "\n".join(lines)


def _steered(steered: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [("memory of the agent, playing, with a broker (RSS / USS)", _memory(steered["memory"]), "49 MiB RSS")]


def _memory(memory: dict[str, float]) -> str:
    return f"{memory['rss']:.1f} / {memory['uss']:.1f} MiB"


def _pair(playing: dict[str, Any], idle: dict[str, Any], key: str, form: str) -> str:
    return f"{form.format(playing[key])} / {form.format(idle[key])}"


def _shares(append: dict[str, float]) -> str:
    return f"{100 * append['ratio']:.0f} % / {100 * append['ratio_of_sums']:.0f} %"


def _written(playing: dict[str, Any], idle: dict[str, Any]) -> str:
    both = (each["disk_bytes_per_minute"] / 1024 for each in (playing, idle))
    return " / ".join(f"{kib:.0f} KiB" for kib in both)


def _drain(drain: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows about a backlog."""
    late, official, size = drain["latency"], drain["official"], drain["size"]
    rows = [
        (
            f"backlog of {late['messages']:,}, answers {late['latency_ms']} ms late: by batches / one by one",
            f"{late['batched']:,.0f} / {late['single']:,.0f} a second, {late['ratio']:.0f} times",
            "30 times",
        )
    ]
    if official is not None:
        rows += [
            (
                f"backlog of {official['messages']:,}: ours / Kaltura's own client, one by one",
                f"{official['ours']:,.0f} / {official['official_single']:,.0f} a second,"
                f" {official['ratio_to_single']:.0f} times",
                "5 times",
            ),
            (
                "the same against that client's multirequest, which keeps nothing durably",
                f"{official['ours']:,.0f} / {official['official_multirequest']:,.0f} a second,"
                f" {100 * official['ratio_to_multirequest']:.0f} %",
                "100 %",
            ),
        ]
    large, small = f"{size['large']:,}", f"{size['small']:,}"
    return [
        *rows,
        (
            f"backlog of {large} / of {small}",
            f"{size['large_per_second']:,.0f} / {size['small_per_second']:,.0f} a second, {100 * size['ratio']:.0f} %",
            "80 %",
        ),
        (
            f"our processor time a message, backlog of {large} / of {small}",
            f"{size['large_cpu_us']:.0f} / {size['small_cpu_us']:.0f} µs",
            "",
        ),
        (
            f"memory of a drain, backlog of {large} / of {small}",
            f"{size['large_rss']:.1f} / {size['small_rss']:.1f} MiB",
            "equal",
        ),
    ]


def _flash(flash: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows about what an event costs the card."""
    kib = [f"{spent['bytes_per_event'] / 1024:.1f}" for spent in flash["windows"].values()]
    windows = " / ".join(flash["windows"])
    what = (
        f"simulated: flash written for an event over its life, clips of {flash['clip_s']:.0f} s, durability {windows} s"
    )
    return [(what, f"{' / '.join(kib)} KiB", "12 KiB at 1 s")]


def _load(load: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The rows about a very long queue."""
    few, many = f"{load['few']:,}", f"{load['many']:,}"
    small, large = load["few_opened"], load["many_opened"]
    return [
        (f"append and settle with {many} waiting, against {few}", f"{100 * load['ratio']:.0f} %", "120 %"),
        (f"opening a queue of {many} / of {few}", f"{large['open_s']:.2f} / {small['open_s']:.2f} s", ""),
        (
            f"memory with a queue of {many} / of {few}",
            f"{large['used_rss']:.1f} / {small['used_rss']:.1f} MiB",
            "10 MiB apart",
        ),
    ]


def written(page: str, figures: dict[str, Any]) -> str:
    """`page` with the table between its markers. Raises ValueError where they are missing."""
    before, _, rest = page.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{table(figures)}\n{END}{after}"


def main() -> None:
    """Bring README.md up to date."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    README.write_text(written(README.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
