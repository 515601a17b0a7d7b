"""The program tools/collector: reads its options, starts the stand-in, prints what arrives until it is stopped.

Contract: `main(argv)` gives the exit status: 0 after SIGINT or SIGTERM, 1 if it could not start, 2 for bad options.
The first line on standard output is `Collector listening on URL`, the second names the control port.
"""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tools.standin import console, fixtures
from tools.standin.analytics import Analytics, tracked
from tools.standin.control import Control
from tools.standin.event import Event
from tools.standin.server import MAX_INPUT_VARS, Collector

PORT = 8911


def main(argv: list[str] | None = None) -> int:
    """Run the collector until a signal ends it."""
    options = _parser().parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        known = fixtures.load(options.fixtures) if options.fixtures else fixtures.load()
        collector = Collector(
            options.port,
            host=options.host,
            fixtures=known,
            record=options.record,
            log=options.log,
            tell=None if options.quiet else _printer(),
            max_input_vars=options.max_input_vars,
            behind_apache=options.behind_apache,
        )
        collector.reports.delay_s = options.report_delay_s
        with collector, contextlib.ExitStack() as others:
            control = Control(collector, "127.0.0.1", options.control_port)
            print(f"Collector listening on {collector.url}", flush=True)
            print(f"Control on {control.url}", flush=True)
            if options.analytics_port is not None:
                tell = None if options.quiet else _tell_tracked
                analytics = Analytics(options.analytics_port, host=options.host, fixtures=known, tell=tell)
                others.enter_context(analytics)
                print(f"Analytics server on {analytics.url}", flush=True)
            stop.wait()
            control.close()
    except (OSError, ValueError, KeyError) as problem:
        print(f"collector: {problem}", file=sys.stderr)
        return 1
    if not options.quiet:
        print(f"Collector stopped: {collector.total} events counted.", flush=True)
    return 0


def _printer() -> Callable[[Event], None]:
    colour = console.wants_colour(sys.stdout)

    def tell(event: Event) -> None:
        with contextlib.suppress(OSError):  # whoever watched has gone; the collector serves on
            print(console.line(event, colour=colour), flush=True)

    return tell


def _tell_tracked(event: Event) -> None:
    with contextlib.suppress(OSError):
        print(tracked(event), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="collector", description="A local server that stands in for Kaltura. tools/README.md has the details."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--control-port", type=int, default=0, help="loopback port for faults (default: a free one)")
    parser.add_argument(
        "--analytics-port",
        type=int,
        metavar="P",
        help="stand in for the analytics server too, on this port; 0: a free one",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="append each logged event as a JSON line")
    parser.add_argument("--log", type=Path, metavar="FILE", help="append the server's own unescaped log lines")
    parser.add_argument(
        "--fixtures", type=Path, metavar="FILE", help="partners and tokens (default: the recorded ones)"
    )
    parser.add_argument(
        "--max-input-vars",
        type=int,
        default=MAX_INPUT_VARS,
        help="variables of a form that are read, the rest is dropped silently (default: %(default)s; PHP's own: 1000)",
    )
    parser.add_argument(
        "--behind-apache", action="store_true", help="answer index.php's collect with a stock Apache's static page"
    )
    parser.add_argument(
        "--report-delay-s",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long an event takes to appear in report.getTable (default: %(default)g; Kaltura: 600 to 1800)",
    )
    parser.add_argument("--quiet", action="store_true", help="do not print the events")
    return parser
