"""Shows what runs now: on a terminal in one line that is gone afterwards, elsewhere in plain lines."""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from cdk_clarify_monitors_local.cdk._activity import Activity
from cdk_clarify_monitors_operations.terminal._console import has_live_line, say, spinner_of
from cdk_clarify_monitors_operations.terminal._wrapping import shortened

# What the app says to whom it may concern, however the deployment ends.
_WARNING = re.compile(r"^(WARNING |\[Warning at |Node\.js [\d.]+ is past)")
_AFTER_WARNING = re.compile(r"^(\s*$|   Acknowledge with )")
_TICK = 0.2  # seconds: what is over sooner has no plain line


class Progress:
    """A context in which what runs now is shown.

    Args:
        console: Where to.
        verbose: Whether all that cdk commands print is shown, too. Warnings always are, each once.
    """

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console, self._verbose = console, verbose
        self._activity = Activity()
        self._step, self._told = "", ""
        self._since = time.monotonic()
        self._spinner = Spinner(spinner_of(console), style="green")
        self._live: Live | None = None
        self._over = threading.Event()
        self._telling = threading.Lock()
        self._ticking: threading.Thread | None = None
        self._warning: list[str] = []
        self._warnings: set[str] = set()

    def __enter__(self) -> Progress:
        if has_live_line(self._console):
            self._live = Live(self, console=self._console, transient=True, refresh_per_second=10)
            self._live.start()
        else:
            self._over.clear()
            self._ticking = threading.Thread(target=self._tick, daemon=True)
            self._ticking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._tell_warning()
        if self._live is not None:
            self._live.stop()
            self._live = None
        self._over.set()
        if self._ticking is not None:
            self._ticking.join()
            self._ticking = None

    def __rich__(self) -> Text:
        """Return the live line."""
        seconds = f" {time.monotonic() - self._since:.0f} s"
        room = self._console.width - 5 - len(seconds)  # an ellipsis may take three characters
        spinner = self._spinner.render(time.monotonic())
        return Text.assemble(spinner, " ", shortened(self._now, room), (seconds, "dim"))  # type: ignore[arg-type]

    def step(self, text: str) -> None:
        """Something begins.

        Args:
            text: What runs from now on.
        """
        self._step, self._since = text, time.monotonic()
        self._tell()

    def begin(self, command: str, is_synthesized: bool) -> None:
        """A cdk command begins.

        Args:
            command: Its name.
            is_synthesized: Whether it gets a synthesized app.
        """
        self._activity.begin(command, is_synthesized=is_synthesized)
        self.step("")

    def hear(self, line: str) -> None:
        """A cdk command has printed a line."""
        if self._verbose:
            self._console.print(line, markup=False, style="dim", soft_wrap=True)
        else:
            self._hear_warning(line)
        before = self._now
        has_baselining_begun = self._activity.hear(line)
        if self._now != before:
            self._since = time.monotonic()
        if has_baselining_begun:
            self._tell()

    @property
    def _now(self) -> str:
        return self._step or self._activity.now

    def _tell(self) -> None:
        with self._telling:
            now = self._now
            if self._live is None and now and now != self._told:
                self._told = now
                say(self._console, f"{now} …", indent=2)

    def _tick(self) -> None:
        while not self._over.wait(_TICK):
            self._tell()

    def _hear_warning(self, line: str) -> None:
        if _WARNING.match(line) or _AFTER_WARNING.match(line):
            self._tell_warning()
        if _WARNING.match(line) or (self._warning and not _AFTER_WARNING.match(line)):
            self._warning.append(line)
        if line.startswith("Node.js "):  # a line of its own
            self._tell_warning()

    def _tell_warning(self) -> None:
        warning = "\n".join(self._warning)
        self._warning = []
        if warning and warning not in self._warnings:
            self._warnings.add(warning)
            say(self._console, warning, "yellow", indent=2)
