"""The one exception of the demo: it cannot go on, and the text says why and what to do."""


class DemoError(Exception):
    """The demo ends with status 1; `lines` are shown below the reason, for instance the end of a log."""

    def __init__(self, reason: str, lines: list[str] | None = None) -> None:
        super().__init__(reason)
        self.lines = lines or []
