"""The program behind tools/run: makes the clips, starts collector and agent, shows what arrives, closes the books.

Contract: `main(argv)` gives the exit status: 0 if everything produced was counted (with `--once`: and every expected
event arrived in order), 1 if not or if something failed, 2 for bad options.
Rules: one run at a time in a folder; its state is fresh in each run, its clips are kept. SIGTERM and a closed terminal
end it as Ctrl-C does, and whatever happens, our processes end with us.
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from tools.demo import clips
from tools.demo.collector import Collector
from tools.demo.failure import DemoError
from tools.demo.keys import Keys
from tools.demo.kiosk import Kiosk
from tools.demo.sample import Sample
from tools.demo.screen import Screen
from tools.demo.show import KEYS, Show

ROOT = Path(__file__).resolve().parent.parent.parent
PORT = 8911
_COLLECTOR_STOP_WITHIN_S = 5.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(argv: list[str] | None = None) -> int:
    """Run the demo."""
    options = _parser().parse_args(argv)
    screen = Screen(sys.stdout)
    for number in _ENDING:
        signal.signal(number, _interrupt)
    try:
        folder: Path = options.folder
        with _alone(folder):
            return _run(screen, folder, options.config, options.port, once=options.once)
    except DemoError as error:
        screen.foot("")
        screen.bad(str(error))
        for line in error.lines:
            screen.faint(f"  {line}")
    except KeyboardInterrupt:
        screen.note("ended before it began")
    except BrokenPipeError:  # whoever read our output has gone; the interpreter must not try to flush it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _run(screen: Screen, folder: Path, config: Path, port: int, *, once: bool) -> int:
    sample = Sample.read(config)
    clips.make(ROOT / ".demo" / "media", screen.note)
    _clear(folder)
    with ExitStack() as stack:
        collector = Collector(folder, port)
        stack.callback(collector.process.stop, _COLLECTOR_STOP_WITHIN_S)
        played = sample.derived(folder / "agent.toml", service_url=collector.url, loop=False if once else None)
        kiosk = Kiosk(played.path, folder)
        stack.callback(kiosk.stop)
        stack.callback(_ignore_endings)  # called first: nothing interrupts what is being ended
        screen.note(f"collector on {collector.url}")
        screen.note(f"agent on {_short(played.path)}, its log in {_short(folder / 'agent.log')}")
        show = Show(screen, collector, kiosk)
        if once:
            return show.run_once(sample.expected(), sample.length_s())
        with Keys() as keys:
            screen.note(f"keys: {KEYS}" if keys.are_there else "Ctrl-C ends it")
            return show.run_for_ever(keys)


def _clear(folder: Path) -> None:
    """A fresh state; the clips stay."""
    shutil.rmtree(folder / "state", ignore_errors=True)
    for name in ("agent.toml", "agent.log", "collector.log", "events.jsonl"):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second demo out of the folder. Raises DemoError where one is there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"Another tools/run is at work in {_short(folder)}: end it first.") from None
        yield


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(ROOT) else str(path)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _ignore_endings() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/run",
        description="Plays a short list through VLC and shows its events as they arrive at a local collector.",
        epilog=f"Keys on a terminal: {KEYS}. tools/README.md has the details.",
    )
    parser.add_argument(
        "--once", action="store_true", help="one pass of the list; status 0 if all events arrived in order"
    )
    parser.add_argument("--port", type=int, default=PORT, help="the collector's port; 0 takes a free one (%(default)s)")
    parser.add_argument(
        "--config", type=Path, default=ROOT / "config" / "demo.toml", help="what is played (config/demo.toml)"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where state and logs are kept (.demo)")
    return parser
