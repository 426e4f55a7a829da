"""Alarms to a webhook; whatever happens out there, the watch goes on."""

from __future__ import annotations

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from anolyte.core.errors import DataError
from anolyte.core.result import Level
from anolyte.studies.monitor.decision import Alarm, Decision

WAITING = 100
"""Messages that wait to be sent; further ones are dropped."""
AGAIN = 3600.0
"""The same alarm of the same cell is not sent again before, s."""


@dataclass(frozen=True)
class Post:
    """How a message is sent.

    Args:
        timeout: Of one try, s.
        tries: Until it is given up.
        pause: Before the second try, s; doubled before each further one.
    """

    timeout: float = 5.0
    tries: int = 3
    pause: float = 1.0

    def __call__(self, url: str, message: dict[str, Any]) -> str:
        """Send; an empty text, or why it did not arrive."""
        why = ""
        for number in range(self.tries):
            if number:
                time.sleep(self.pause * 2.0 ** (number - 1))
            try:
                request = urllib.request.Request(
                    url, json.dumps(message).encode(), {"Content-Type": "application/json"}
                )
                with urllib.request.urlopen(request, timeout=self.timeout):
                    return ""
            except urllib.error.HTTPError as error:
                why = f"it answered {error.code}"
                if 400 <= error.code < 500 and error.code != 429:
                    return why  # asking again changes nothing
            except Exception as error:  # no name, no route, no certificate, no answer
                why = str(getattr(error, "reason", error)) or type(error).__name__
        return why


class Webhook:
    """A listener that posts alarms as JSON: `text` for people, the facts for programs.

    Args:
        url: http or https.
        folder: Name of what is watched.
        post: How to send.
        say: Told once when messages do not arrive.
        clock: Seconds of a steady clock.

    Raises:
        DataError: The address is none.
    """

    def __init__(
        self,
        url: str,
        folder: str,
        post: Post | None = None,
        say: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DataError(f"--webhook '{url[:60]}': write an address that begins with https://")
        self.url, self.host, self.folder = url, parts.hostname, folder
        self._post, self._say, self._clock = post or Post(), say, clock
        self._told = False
        self.sent = self.lost = 0
        self._last: dict[tuple[str, str, Level], float] = {}
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def decided(self, decision: Decision) -> None:
        """Send its alarms, unless the same one has just been sent."""
        now = self._clock()
        for alarm in decision.alarms:
            key = (decision.cell, alarm.name, alarm.level)
            if now - self._last.get(key, -AGAIN) < AGAIN:
                continue
            self._last[key] = now
            try:
                self._queue.put_nowait(self._message(decision, alarm))
            except queue.Full:
                self.lost += 1

    def looked(self) -> None:
        """Nothing is done."""

    def close(self, within: float = 10.0) -> None:
        """Send what waits, for at most so long."""
        try:
            self._queue.put(None, timeout=within)
        except queue.Full:
            return
        self._thread.join(within)

    def _message(self, decision: Decision, alarm: Alarm) -> dict[str, Any]:
        text = f"{self.folder}: {alarm.level}, {alarm.name} in {decision.name}: {alarm.because}"
        return {
            "text": text, "folder": self.folder, "cell": decision.cell, "file": decision.file,
            "number": decision.number, "time": decision.time, "alarm": alarm.name,
            "level": str(alarm.level), "because": alarm.because,
        }  # fmt: skip

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            why = self._post(self.url, message)
            if not why:
                self.sent += 1
                continue
            self.lost += 1
            if not self._told:
                self._told = True
                self._say(f"the webhook at {self.host} cannot be reached ({why}); the watch goes "
                          "on, and this is said once")  # fmt: skip
