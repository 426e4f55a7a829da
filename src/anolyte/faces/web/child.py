"""One run in a process of its own: `python -m anolyte.faces.web.child FOLDER`.

It takes no more memory, file size and time than it is allowed, ends as by Ctrl-C when the page's
server is gone, so that what keeps its work can be gone on with, and leaves its exit code in a file.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

MEMORY, FILE = 12_000_000_000, 4_000_000_000
"""Bytes of address space and of one file."""
LONGEST = 48 * 3600.0
"""Seconds."""
PLAN, CODE = "run.json", "code"


def main(folder: Path, parent: int) -> int:
    """Run what the folder's plan says.

    Args:
        folder: Of the run.
        parent: The process that started it.

    Returns:
        The exit code.
    """
    _limit()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    os.chdir(folder / "inputs")
    from anolyte.faces.cli import main as command
    from anolyte.studies.files import write_whole

    code = command(plan["argv"])
    write_whole(folder / CODE, str(code))
    return code


def _limit() -> None:
    """Where the system has limits."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _watch(parent: int) -> None:
    """Stop as by Ctrl-C when the server is gone or the time is over."""
    begun = time.monotonic()
    while os.getppid() == parent and time.monotonic() - begun < LONGEST:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(30.0)  # it may have to write what it has
    os._exit(130)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
