"""A real mosquitto with the project's sample configuration, on loopback, with certificates of its own.

`Broker` takes config/mosquitto/<sample>, puts its own paths and free ports in, and adds a plain listener for devices.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from random import randrange
from types import TracebackType
from typing import Self

SAMPLES = Path(__file__).parents[2] / "config" / "mosquitto"
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
OPERATOR = ("operator", "operators-password")
# Far beyond what anything here takes on a busy machine.
PATIENCE_S = 90.0
_LISTENERS = (8883, 8443, 8884)
# Below ip_local_port_range.
_OUR_OWN_PORTS = (20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment; taken together, so that none is given twice.

    From below those that the system gives by itself: nobody else gets one of them before it is listened on.
    """
    ports: list[int] = []
    with ExitStack() as stack:
        while len(ports) < count:
            port = randrange(*_OUR_OWN_PORTS)
            with suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                ports.append(port)
    return ports


class Authority:
    """A certificate authority in `folder`; `ca_file` is what clients trust."""

    def __init__(self, folder: Path, *, name: str = "Test CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.ca_file = folder / "ca.pem"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self._openssl(
            "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", f"/CN={name}"
        )

    def issue(self, name: str, *, hosts: str = "DNS:localhost,IP:127.0.0.1") -> tuple[Path, Path]:
        """The files of a certificate for `name` and of its key."""
        (self._folder / f"{name}.ext").write_text(f"subjectAltName={hosts}\n", encoding="ascii")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self._openssl("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30"]
        request = ["-req", "-in", f"{name}.csr", "-extfile", f"{name}.ext", "-out", f"{name}.pem"]
        self._openssl("x509", *request, *authority)
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)


class Broker:
    """A running mosquitto; a context manager that stops it.

    `extra` is appended to the configuration, where it concerns the plain listener; `instead` replaces parts of the
    sample's text. Ports: `port` (devices, TLS), `websocket_port` (devices, TLS), `operator_port` (TLS), `plain_port`
    (devices, neither TLS nor a client id that is forced: the one door where an identity can be taken over).
    """

    def __init__(
        self,
        folder: Path,
        *,
        sample: str = "mosquitto.conf",
        extra: str = "",
        instead: Mapping[str, str] | None = None,
        authority: Authority | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.authority = authority or Authority(folder / "ca")
        self.ca_file = self.authority.ca_file
        certificate, key = self.authority.issue("server")
        self.port, self.websocket_port, self.operator_port, self.plain_port = free_ports(4)
        self._passwords = {name: folder / f"{name}.passwd" for name in ("devices", "operators")}
        for name in ("devices", "operators"):
            self._passwords[name].touch()
            shutil.copy(SAMPLES / f"{name}.acl", folder)
        text = (SAMPLES / sample).read_text(encoding="utf-8")
        for old, new in (instead or {}).items():
            text = text.replace(old, new)
        for old_port, new_port in zip(_LISTENERS, (self.port, self.websocket_port, self.operator_port), strict=True):
            text = text.replace(f"listener {old_port}\n", f"listener {new_port} 127.0.0.1\n")
        text = text.replace("/etc/mosquitto/kiosk/ca.pem", str(self.ca_file))
        text = text.replace("/etc/mosquitto/kiosk/server.pem", str(certificate))
        text = text.replace("/etc/mosquitto/kiosk/server.key", str(key))
        text = text.replace("/etc/mosquitto/kiosk", str(folder)).replace("/var/lib/mosquitto/", f"{folder}/")
        user = pwd.getpwuid(os.geteuid()).pw_name
        plain = f"\nuser {user}\nlistener {self.plain_port} 127.0.0.1\nallow_anonymous false\n"
        plain += f"password_file {folder}/devices.passwd\nacl_file {folder}/devices.acl\n{extra}\n"
        self.configuration = folder / "mosquitto.conf"
        self.configuration.write_text(text + plain, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self._let_in: dict[tuple[str, str], str] = {}
        self.add_users(dict([OPERATOR]), role="operators")
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What the broker said."""
        return (self._folder / "mosquitto.log").read_text(encoding="utf-8", errors="replace")

    def add_user(self, name: str, password: str) -> None:
        """Let a device in; a running broker learns of it."""
        self.add_users({name: password})

    def add_users(self, passwords: Mapping[str, str], *, role: str = "devices") -> None:
        """Let many in at once. `role`: "devices" or "operators". Those who are in already are left alone: a broker that
        reads its users anew may cut their connections."""
        passwords = {name: each for name, each in passwords.items() if self._let_in.get((role, name)) != each}
        if not passwords:
            return
        self._let_in |= {(role, name): each for name, each in passwords.items()}
        fresh = self._folder / "fresh.passwd"
        fresh.write_text("".join(f"{name}:{password}\n" for name, password in passwords.items()), encoding="utf-8")
        subprocess.run(["mosquitto_passwd", "-U", str(fresh)], check=True, capture_output=True)
        with self._passwords[role].open("a", encoding="utf-8") as file:
            file.write(fresh.read_text(encoding="utf-8"))
        if self._process is not None:
            self.signal(signal.SIGHUP)
            if role == "devices":
                self._await(*list(passwords.items())[-1])

    def _await(self, name: str, password: str) -> None:
        """Wait until the broker has read the new users: who is refused meanwhile waits long before the next try."""
        until = time.monotonic() + PATIENCE_S
        while not self._lets_in(name, password):
            assert time.monotonic() < until, self.log
            time.sleep(0.02)

    def _lets_in(self, name: str, password: str) -> bool:
        """Whether a greeting in MQTT 3.1.1, with a clean session and a client id of its own, is accepted."""
        texts = (b"waits-for-users", name.encode(), password.encode())
        body = b"\x00\x04MQTT\x04\xc2\x00\x0a" + b"".join(len(each).to_bytes(2, "big") + each for each in texts)
        with socket.create_connection(("127.0.0.1", self.plain_port), timeout=20) as line:
            line.sendall(b"\x10" + bytes([len(body)]) + body)
            try:
                return line.recv(4) == b"\x20\x02\x00\x00"
            except OSError:
                return False

    def start(self) -> None:
        """Start, and wait until it listens."""
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self.configuration)], stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.plain_port), timeout=20).close()
                return
            except OSError:
                assert self._process.poll() is None and time.monotonic() < until, self.log
                time.sleep(0.02)

    def restart(self) -> None:
        """An orderly end, with what is retained saved, and a start."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """SIGKILL: nothing is saved."""
        self.signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it; nothing happens where it has ended."""
        if self._process is not None:
            self.signal(signal.SIGTERM)
            self.signal(signal.SIGCONT)
            self._wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; SIGSTOP makes it hang, SIGCONT go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(PATIENCE_S)
        self._process = None
