"""Runs: a verb with its files in a folder and a process of its own; they outlive the server.

A run is a folder: `run.json` (what was asked), `inputs/` (files that were sent along), `answer.txt`
(what a terminal would show), `log.txt`, `page.html`, `result.json`, and what the verb keeps its
work in. Nothing else is known of it: a server that starts again finds every run, and goes on with
one that was cut short by the same command.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from anolyte.core.errors import DataError
from anolyte.faces.web import forms
from anolyte.faces.web.child import CODE, PLAN
from anolyte.studies.files import write_whole

AT_ONCE = 2
MOST_KEPT = 200
TAIL = 4000
"""Bytes at the end of a log that are looked at."""
ENDED_BY_CTRL_C = 130
_TEXT = "text/plain; charset=utf-8"
FILES = {
    "page.html": "text/html; charset=utf-8", "result.json": "application/json",
    "answer.txt": _TEXT, "log.txt": _TEXT,
}  # fmt: skip
"""What is given out of a run, and as what."""
_ID = re.compile(r"[0-9a-f]{16}")
_DONE = re.compile(r"^(\d+)(?:/(\d+))?(?: done:)? ?(.*)$")


@dataclass(frozen=True)
class Plan:
    """What was asked.

    Args:
        verb: As in `simulate ccd`.
        title: What it is called on the page.
        argv: The words of the command.
        values: Field to what was filled in.
        files: Field to the names of the files that were sent along.
        begun: When, seconds since 1970.
    """

    verb: str
    title: str
    argv: list[str]
    values: dict[str, list[str]]
    files: dict[str, list[str]]
    begun: float


@dataclass
class Runs:
    """The runs of a folder.

    Args:
        root: Where they lie; made where there is none.
        watched: Folders that instruments write to and that may be watched.
    """

    root: Path
    watched: Sequence[Path] = ()
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(
        self, verb: str, values: Mapping[str, Sequence[str]],
        files: Mapping[str, Sequence[tuple[str, bytes]]],
    ) -> str:  # fmt: skip
        """Begin a run; its id.

        Args:
            verb: One that is offered.
            values: Field to texts.
            files: Field to names and contents.

        Raises:
            DataError: What cannot be asked, or too much at once.
        """
        asked = forms.form(verb)
        sent = {name: [(_safe(n), data) for n, data in several] for name, several in files.items()}
        names = [n for several in sent.values() for n, _ in several]
        told = {name: [*given] for name, given in values.items()}
        for asked_for in asked.fields:  # a file field is filled by what was sent with it
            if asked_for.kind == "file" and asked_for.name in sent:
                told[asked_for.name] = [n for n, _ in sent[asked_for.name]]
        argv = forms.words(asked, told, names)
        listed = {name: [n for n, _ in several] for name, several in sent.items()}
        plan = Plan(verb, asked.title, argv, told, listed, time.time())
        folders = {f.name for f in asked.fields if f.folder}
        return self._begin(plan, {
            Path(*([name] if name in folders else [])) / n: data
            for name, several in sent.items() for n, data in several
        })  # fmt: skip

    def watch(self, number: int) -> str:
        """Watch one of the folders that the server was started with.

        Raises:
            DataError: There is no such folder.
        """
        if not 0 <= number < len(self.watched):
            raise DataError("no such folder; name folders as anolyte serve --watch DIR")
        folder = self.watched[number].resolve()
        argv = ["watch", f"--page={forms.PAGE}", "--log=../journal.jsonl", "--", str(folder)]
        return self._begin(Plan("watch", f"Watching {folder.name}", argv, {}, {}, time.time()), {})

    def _begin(self, plan: Plan, files: Mapping[Path, bytes]) -> str:
        with self._lock:
            self._room()
            name = secrets.token_hex(8)
            folder = self.root / name
            (folder / "inputs").mkdir(parents=True)
            for path, data in files.items():
                (folder / "inputs" / path).parent.mkdir(exist_ok=True)
                (folder / "inputs" / path).write_bytes(data)
            write_whole(folder / PLAN, json.dumps(asdict(plan), indent=1))
            self._spawn(name)
        return name

    def _room(self) -> None:
        """Refuse more at once than the computer bears."""
        if sum(child.poll() is None for child in self._children.values()) >= AT_ONCE:
            raise DataError(f"{AT_ONCE} runs are under way: stop one, or wait for it")
        if sum(1 for _ in self._folders()) >= MOST_KEPT:
            raise DataError(f"{MOST_KEPT} runs are kept: remove some first")

    def _spawn(self, name: str) -> None:
        folder = self.root / name
        (folder / CODE).unlink(missing_ok=True)
        command = [sys.executable, "-m", "anolyte.faces.web.child", str(folder.resolve()),
                   str(os.getpid())]  # fmt: skip
        environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8",
                                    "ANOLYTE_PROGRESS": "1"}  # fmt: skip
        with (folder / "answer.txt").open("wb") as out, (folder / "log.txt").open("ab") as log:
            self._children[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, env=environment,
                start_new_session=True,  # a Ctrl-C at the server's terminal is passed on by `close`
            )  # fmt: skip

    def stop(self, name: str) -> None:
        """Stop a run as by Ctrl-C, so that it keeps what it has; a second time at once."""
        self.folder(name)
        child = self._children.get(name)
        if child is None or child.poll() is not None:
            return
        marker = self.root / name / "stopping"
        if marker.exists():
            child.kill()
            return
        marker.touch()
        child.send_signal(signal.SIGINT)

    def resume(self, name: str) -> None:
        """Go on with a run that was stopped or cut short, by the same command.

        Raises:
            DataError: It is running, or too much is.
        """
        folder = self.folder(name)
        with self._lock:
            if self.state(name) == "running":
                raise DataError("it is running")
            self._room()
            plan = self.plan(name)
            if plan.verb != "watch":
                asked = forms.form(plan.verb)
                names = [n for several in plan.files.values() for n in several]
                kept = (folder / f"{Path(forms.STATE).name}.h5").exists()
                argv = forms.words(asked, plan.values, names, resumed=kept)
                write_whole(folder / PLAN, json.dumps(asdict(plan) | {"argv": argv}, indent=1))
            self._spawn(name)

    def remove(self, name: str) -> None:
        """Forget a run and everything that it wrote.

        Raises:
            DataError: It is running.
        """
        folder = self.folder(name)
        with self._lock:
            if self.state(name) == "running":
                raise DataError("it is running: stop it first")
            self._children.pop(name, None)
            shutil.rmtree(folder)

    def close(self, patience: float = 10.0) -> None:
        """Stop everything that is under way, as the server ends."""
        under_way = [c for c in self._children.values() if c.poll() is None]
        for child in under_way:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGINT)
        for child in under_way:
            try:
                child.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                child.kill()

    # --- what is known of them --------------------------------------------------------------------

    def folder(self, name: str) -> Path:
        """Where a run lies.

        Raises:
            DataError: There is none of that name.
        """
        if not _ID.fullmatch(name) or not (self.root / name / PLAN).is_file():
            raise DataError(f"no run '{name[:20]}'")
        return self.root / name

    def _folders(self) -> list[Path]:
        if not self.root.is_dir():
            return []
        return [p for p in self.root.iterdir() if _ID.fullmatch(p.name) and (p / PLAN).is_file()]

    def plan(self, name: str) -> Plan:
        """What a run was asked."""
        return Plan(**json.loads((self.folder(name) / PLAN).read_text(encoding="utf-8")))

    def state(self, name: str) -> str:
        """running | done | stopped | failed | interrupted."""
        child = self._children.get(name)
        if child is not None and child.poll() is None:
            return "running"
        try:
            code = int((self.folder(name) / CODE).read_text())
        except (FileNotFoundError, ValueError):
            return "interrupted"
        if code == ENDED_BY_CTRL_C:
            return "stopped"
        return "done" if code in (0, 1, 4) else "failed"

    def told(self, name: str) -> dict[str, Any]:
        """A run as the page shows it."""
        folder, plan, state = self.folder(name), self.plan(name), self.state(name)
        if state != "running":
            (folder / "stopping").unlink(missing_ok=True)
        log = _end(folder / "log.txt")
        return {
            "id": name, "verb": plan.verb, "title": plan.title, "begun": plan.begun,
            "command": _command(plan), "state": state,
            "stopping": (folder / "stopping").exists(),
            "progress": _progress(log) if state == "running" else None,
            "said": "" if state in ("running", "done") else _last(log),
            "files": [f for f in FILES if (folder / f).is_file() and (folder / f).stat().st_size],
            "changed": _changed(folder / "page.html"),
        }  # fmt: skip

    def listed(self) -> list[dict[str, Any]]:
        """Every run, the newest first."""
        found = [self.told(p.name) for p in self._folders()]
        return sorted(found, key=lambda run: -run["begun"])

    def file(self, name: str, what: str) -> Path:
        """One of the files that are given out.

        Raises:
            DataError: It is none of them, or not there.
        """
        path = self.folder(name) / what
        if what not in FILES or not path.is_file():
            raise DataError(f"no {what[:40]} of this run")
        return path


def _safe(name: str) -> str:
    """The name of a file that was sent, without folders and without what a shell or CLI reads.

    >>> _safe("../a b/cell (2).mpt"), _safe("-x"), _safe("...")
    ('cell_2_.mpt', 'x', 'file')
    """
    base = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[^A-Za-z0-9._+-]+", "_", base).lstrip("-._")[:100]
    return clean or "file"


def _command(plan: Plan) -> str:
    """The command as a person would type it."""
    hidden = ("../", "--")
    kept = [w for w in plan.argv if w != "--" and not w.partition("=")[2].startswith(hidden[0])]
    shown = []
    for word in kept:
        option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        text = f'"{value}"' if re.search(r"[^\w.+:/-]", value) else value
        shown.append(f"{option} {text}" if equals else (option or text))
    return " ".join(["anolyte", *shown])


def _end(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""


def _last(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1].removeprefix("anolyte: ") if lines else ""


def _progress(log: str) -> dict[str, Any]:
    """How far it is, from the last line of its log.

    >>> _progress("1/10 a\\n3/10 designs, 5 s left\\n")
    {'done': 3, 'total': 10, 'what': 'designs, 5 s left'}
    """
    line = _last(log)
    if (found := _DONE.match(line)) is None:
        return {"done": 0, "total": 0, "what": line}
    return {"done": int(found[1]), "total": int(found[2] or 0), "what": found[3]}


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
