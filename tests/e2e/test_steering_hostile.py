"""What somebody who may publish and means harm can do to a device: nothing. And where its password stands: nowhere."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.remote.line import Outgoing
from agent.remote.topics import Fleet
from tests.support import media
from tests.support.fleet_crew import PASSWORD, TOPICS
from tests.support.kiosks import Clip
from tests.support.steered import DEVICE, Steered, steered
from tools.standin.server import Collector

pytestmark = pytest.mark.all


def clips() -> list[Clip]:
    return [Clip(media.clip(3.0), "0_first001")]


def items(*uris: str, **more: Any) -> dict[str, Any]:
    return {"player": {"playlist": [{"uri": uri, **more} for uri in uris]}}


def corpus(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """(what a refusal must name, what is asked for)."""
    root = clips()[0].path.parent
    outside = folder / "outside.mp4"
    outside.write_bytes(b"secret")
    link = root / f"link-{os.getpid()}.mp4"
    link.unlink(missing_ok=True)
    link.symlink_to(outside)
    good = clips()[0].path.as_uri()
    return [
        ("kaltura.service_url", {"kaltura": {"service_url": "https://evil.example.com"}}),
        ("kaltura.partner_id", {"kaltura": {"partner_id": 666}}),
        ("kaltura.proxy", {"kaltura": {"proxy": "http://evil.example.com:3128"}}),
        ("kaltura.session", {"kaltura": {"session": {"mode": "ks-file", "ks_file": "/etc/shadow"}}}),
        ("track_event.url", {"track_event": {"enabled": True, "url": "https://evil.example.com"}}),
        ("remote.url", {"remote": {"url": "mqtt://evil.example.com"}}),
        ("remote.url", {"remote": {"url": None}}),
        ("remote", {"remote": None}),
        ("remote.allow", {"remote": {"allow": ["remote", "kaltura"]}}),
        ("remote.media_roots", {"remote": {"media_roots": ["/"]}}),
        ("remote.password_file", {"remote": {"password_file": "/etc/shadow"}}),
        ("device.id", {"device": {"id": "somebody-else"}}),
        ("queue", {"queue": {"max_bytes": 1}}),
        ("kaltura.backlog.rate", {"kaltura": {"backlog": {"rate": 1e-9}}}),
        ("player.vlc_options", {"player": {"vlc_options": ["--sout=file/ts:/tmp/x"]}}),
        ("player.playlist", items("file:///etc/passwd")),
        ("player.playlist", items(f"file://{root}/../../../../etc/passwd")),
        ("player.playlist", items(f"file://{root}/%2e%2e/%2e%2e/etc/passwd")),
        ("player.playlist", items(link.as_uri())),
        ("player.playlist", items("http://evil.example.com/film.mp4")),
        ("player.playlist", items("v4l2:///dev/video0")),
        ("player.playlist", items(good, options=[":sout=#file{dst=/tmp/stolen.ts}"])),
        ("player.playlist", items(good, options=[":input-slave=/etc/passwd"])),
        ("player.playlist", items(good, options=["--extraintf=http"])),
        ("player.playlist", items(good, "file:///dev/zero")),
        ("intake", {"intake": {"web": {"enabled": True, "port": 80}}}),
        ("log.format", {"log": {"format": "text"}}),
    ]


def test_hostile_document_is_refused_whole_and_the_queue_goes_on(tmp_path: Path) -> None:
    """It can neither send events elsewhere, nor read a file, nor stop the queue; what is harmless beside it waits."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.agent.start()
        before = kiosk.agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
        cases = corpus(tmp_path)
        for revision, (place, tree) in enumerate(cases, start=1):
            whole = {**tree, "log": {**tree.get("log", {}), "level": "error"}}
            kiosk.operator.publish(Fleet(), revision, whole)
            status = kiosk.agent.wait(
                lambda status, wanted=revision: (  # type: ignore[misc]
                    status["remote"]["config"]["levels"].get("fleet", {}).get("wanted") == wanted
                    and status["remote"]["config"]["levels"]["fleet"]["problems"]
                )
            )
            fleet = status["remote"]["config"]["levels"]["fleet"]
            assert None is fleet["applied"], tree
            assert place in " ".join(fleet["problems"]), (tree, fleet)
        after = kiosk.agent.wait(lambda status: status["sinks"][0]["delivered"] > before["sinks"][0]["delivered"] + 7)
        assert before["player"]["host"]["pid"] == after["player"]["host"]["pid"]
        assert "info" in kiosk.agent.log.read_text()


def test_password_stands_nowhere_but_in_its_file(tmp_path: Path) -> None:
    """Not in the log after failures and successes, the status, the report, the bundle for support, the process list."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        file = tmp_path / "broker-password"
        file.write_text(f"wrong-{PASSWORD}")
        kiosk.agent.start()
        refused = kiosk.agent.wait(lambda status: status["remote"]["trouble"] == "credentials")
        texts = [json.dumps(refused), status_of(refused["pid"])]
        kiosk.agent.end()
        file.write_text(PASSWORD)
        kiosk.agent.start()
        online = kiosk.agent.wait(lambda status: status["remote"]["online"])
        texts += [json.dumps(online), status_of(online["pid"]), json.dumps(kiosk.state()), json.dumps(kiosk.presence())]
        texts += [diagnostics(kiosk)]
        kiosk.broker.kill()
        texts += [json.dumps(kiosk.agent.wait(lambda status: not status["remote"]["online"]))]
        kiosk.agent.end()
        texts += [kiosk.agent.log.read_text(errors="replace")]
        texts += [path.read_text(errors="replace") for path in kiosk.agent.state.glob("*.json*")]
        for text in texts:
            assert text
            assert PASSWORD not in text


def status_of(pid: int) -> str:
    """What every user of the machine sees of the process."""
    return Path(f"/proc/{pid}/cmdline").read_text()


def diagnostics(kiosk: Steered) -> str:
    """The bundle, as the operator gets it."""
    with kiosk.operator.desk() as desk:
        desk.subscribe([TOPICS.result(DEVICE)])
        desk.publish(Outgoing(TOPICS.command(DEVICE), b'{"id": "bundle", "command": "diagnostics"}'))
        while found := desk.receive(60):
            if json.loads(found.payload)["status"] == "done":
                return found.payload.decode()
    raise AssertionError("no bundle")
