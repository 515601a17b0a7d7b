"""Pages and browsers put together for tests: who serves the page, what the policy says, and who listens on loopback."""

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support import chromium
from tests.support.chromium import Browser, Driver
from tests.support.web import TOKEN, Listening, listening

DOCUMENTATION = Path(__file__).parents[2] / "agent" / "intake" / "web.md"


class Stage:
    """A page in a browser, and the port that it can try to reach."""

    def __init__(self, browser: Browser, port: int) -> None:
        self.browser = browser
        self.port = port

    def documented(self) -> str:
        """The documentation's own line, with this listener's port."""
        line: str = re.findall(r"```js\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)[0]
        return line.replace(":8337/", f":{self.port}/")

    def fetch(self, *, token: str = TOKEN) -> object:
        """Run it in the page; the answer's status and what it said, or the error in words."""
        after = "return { status: answer.status, said };"
        return self.browser.run(f"const token = {json.dumps(token)};\n{self.documented()}\n{after}")


class OwnStage(Stage):
    """A stage with a listener of the test's own."""

    def __init__(self, browser: Browser, listener: Listening) -> None:
        super().__init__(browser, listener.server.port)
        self.listener = listener


class Theatre:
    """Puts the parts on stage; all of it ends with the test."""

    def __init__(self, driver: Driver, folder: Path, certificate: Path, stack: ExitStack) -> None:
        self._driver = driver
        self._folder = folder
        self._certificate = certificate
        self._stack = stack

    def serve(self, *, name: str = "kiosk.test", tls: bool = True, address: str = "127.0.0.1") -> tuple[str, int]:
        """A page's origin, and the port of its server."""
        port = self._stack.enter_context(chromium.pages(address, self._certificate if tls else None))
        return f"{'https' if tls else 'http'}://{name}:{port}", port

    def show(
        self,
        origin: str,
        port: int,
        policy: dict[str, list[str]] | None,
        listens: int,
        *,
        address: str = "127.0.0.1",
        is_remote: bool = True,
        page: str | None = None,
    ) -> Stage:
        """Show the page of `origin`, served on `port` (or another, `page`), to which something `listens`."""
        if policy is not None:
            self._stack.enter_context(chromium.managed_policy(policy))
        arguments = [f"--host-resolver-rules=MAP *.test {address}"]
        if is_remote and address == "127.0.0.1":
            arguments.append(f"--ip-address-space-overrides=127.0.0.1:{port}=public")
        browser = self._stack.enter_context(self._driver.browser(self._folder / "profile", *arguments))
        browser.go(page or f"{origin}/")
        return Stage(browser, listens)

    def open(
        self,
        origin: str,
        port: int,
        policy: dict[str, list[str]] | None,
        *,
        allowed: str | None = None,
        **how: Any,
    ) -> OwnStage:
        """As `show`, with a listener of our own that allows `allowed`."""
        listener = self._stack.enter_context(listening(origins=(allowed or origin,)))
        return OwnStage(self.show(origin, port, policy, listener.server.port, **how).browser, listener)
