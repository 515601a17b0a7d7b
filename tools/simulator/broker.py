"""A mosquitto of its own for simulations, with the ACL of config/mosquitto/ and users for all devices.

Contract: a context manager; `restart` ends it in order and starts it again. Needs mosquitto.
Rules: plain MQTT on loopback: what TLS costs is measured elsewhere. Devices and the operator have listeners of their
own, as in the sample.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from agent.fleet.enroll_access import new_password, user_line
from agent.remote import durable

SAMPLES = Path(__file__).parents[2] / "config" / "mosquitto"
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
OPERATOR = "operator"


class SimulationBroker:
    """All devices share one password, which lies in `password_file`; it is the operator's too."""

    def __init__(self, folder: Path, ids: Iterable[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        password = new_password()
        self.password_file = folder / "password"
        durable.write(self.password_file, password.encode())
        self._ports = _free_ports()
        users = "".join(f"{user_line(id, password)}\n" for id in (*ids, OPERATOR))
        durable.write(folder / "users", users.encode())
        listeners = "".join(
            f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/users\n"
            f"acl_file {SAMPLES}/{role}.acl\n"
            for port, role in zip(self._ports, ("devices", "operators"), strict=True)
        )
        # One backlog for a fleet that comes back; the rest is as in the sample.
        text = (
            f"per_listener_settings true\nuser {pwd.getpwuid(os.geteuid()).pw_name}\n{listeners}"
            f"persistence true\npersistence_location {folder}/\nmax_queued_messages 10000\nlog_type error\n"
        )
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(text)
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For devices."""
        return f"mqtt://127.0.0.1:{self._ports[0]}"

    @property
    def operator_url(self) -> str:
        return f"mqtt://127.0.0.1:{self._ports[1]}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._configuration)], stdout=log, stderr=log)
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._ports[1]), timeout=5).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() >= until:
                    raise RuntimeError(f"mosquitto does not run: {self._log.read_text()}") from None
                time.sleep(0.02)

    def stop(self) -> None:
        """End it in order: it saves what is retained."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None


def _free_ports() -> list[int]:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    try:
        return [int(server.getsockname()[1]) for server in servers]
    finally:
        for server in servers:
            server.close()
