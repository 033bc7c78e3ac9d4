"""How long a search may take."""

from __future__ import annotations

import time


class Deadline:
    """A point of time that a search looks at between its steps; ``missed`` tells that it stopped at one."""

    def __init__(self, seconds: float | None = None) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self.missed = False

    def over(self) -> bool:
        """Whether no time is left, in which case the search stops: what it has found is no longer all."""
        if self._until is not None and not self.missed:
            self.missed = time.monotonic() >= self._until
        return self.missed
