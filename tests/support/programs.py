"""A player to script that shows a content with its spots, as the director commands it."""

from typing import Self

from agent.kernel.media import Media, Role
from agent.kernel.signals import (
    ContentCommanded,
    EndReached,
    OverlayHidden,
    OverlayShown,
    ProgramCommanded,
    ProgramOver,
    SpotCommanded,
    Stopped,
)
from tests.support.script import CLIP, Script


def spot_media(role: Role) -> Media:
    """The medium of a spot."""
    return Media(key=f"spot-{role.value}", uri=f"file:///srv/{role.value}.mp4", role=role)


class Program(Script):
    """Signals of a program in the making. `rest`: where the content stood when a spot took its place (media s)."""

    def __init__(self, media: Media = CLIP, *, at: float = 100.0) -> None:
        super().__init__(media, at=at)
        self.rest = 0.0
        self.begins(media)

    def begins(self, media: Media, *, replay: bool = False) -> Self:
        """Another program."""
        self.content_media, self.rest, self.time = media, 0.0, 0.0
        self.say(ProgramCommanded, media, replay)
        return self

    def content(self, *, off: float = 0.0, length: float = 8.0) -> Self:
        """The content comes, or comes back `off` seconds from where it was."""
        self.say(ContentCommanded).wait(0.2).open(self.content_media, length=length)
        self.time = max(self.rest + off, 0.0)
        return self

    def spot(self, role: Role, to: float = 4.0, *, length: float = 4.0) -> Self:
        """A spot takes the content's place and plays up to `to`; `end` ends it."""
        self.rest = self.time if self.media is self.content_media else self.rest
        self.say(SpotCommanded, spot_media(role)).wait(0.2).open(spot_media(role), length=length).play(to)
        return self

    def whole_spot(self, role: Role) -> Self:
        """A spot from its beginning to its end."""
        self.spot(role).wait(0.1).say(EndReached).say(Stopped)
        return self

    def show(self, role: Role = Role.OVERLAY) -> Self:
        self.say(OverlayShown, spot_media(role))
        return self

    def hide(self) -> Self:
        self.say(OverlayHidden)
        return self

    def over(self) -> Self:
        """Everything has been shown."""
        self.say(ProgramOver)
        return self
