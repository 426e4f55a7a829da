"""What a written answer was asked with, kept in the file itself, so that it can be asked again.

A page or a JSON file that a command has written gets the command, the files that it read (whole
where they are small, else their SHA-256), those beside them that a YAML file names, and the
versions that numbers may hang on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError

RECORD_ID = "anolyte-record"
WRITTEN = (".html", ".htm", ".json")
SCRATCH = (".db", ".h5", ".hdf5", ".vtkhdf")
"""Files that a command keeps its work in: a repetition begins anew."""
OUTPUTS = ("--plot", "--figure", "--report", "--save", "--page", "--frames", "--checkpoint",
           "--resume", "--structures", "--journal", "--out", "--folder", "--next")  # fmt: skip
"""Options that name what is written: a repetition writes beside it, whatever the record says."""
ONCE = ("rerun", "serve", "watch", "dft", "evidence", "check-data", "doctor")
"""Verbs that are not repeated: they write beside their answer, or have none."""
KEPT = 2_000_000
"""Bytes of inputs that are kept whole."""
NUMERICAL = ("numpy", "scipy", "numba", "optuna")
_BLOCK = re.compile(rf'<script type="application/json" id="{RECORD_ID}">(.*?)</script>', re.S)


@dataclass(frozen=True)
class Seen:
    """What the words of a command pointed to before it ran.

    Args:
        files: Words that are files or folders, with when they were last written.
    """

    files: Mapping[str, int]


def split(arguments: Sequence[str]) -> list[str]:
    """`--plot=a.html` as two words.

    >>> split(["map", "--plot=a.html", "5 mA/cm2"])
    ['map', '--plot', 'a.html', '5 mA/cm2']
    """
    words: list[str] = []
    for word in arguments:
        option, equals, value = word.partition("=")
        words += [option, value] if equals and option.startswith("--") else [word]
    return words


def look(arguments: Sequence[str]) -> Seen:
    """The files and folders among a command's words."""
    found = {}
    for word in split(arguments):
        stamp = _stamp(word)
        if stamp is not None:
            found[word] = stamp
    return Seen(found)


def _stamp(word: str) -> int | None:
    try:
        return Path(word).stat().st_mtime_ns
    except (OSError, ValueError):
        return None


def seal(arguments: Sequence[str], before: Seen) -> None:
    """Put the record into what the command has written; what cannot be sealed stays as it is."""
    arguments = split(arguments)
    if arguments[:1] and arguments[0] in ONCE:
        return
    written = [
        word
        for word in arguments
        if word.endswith(WRITTEN) and _stamp(word) not in (None, before.files.get(word))
    ]
    if not written:
        return
    inputs = [
        _kept(word) for word in before.files if word not in written and not word.endswith(SCRATCH)
    ]
    record = {
        "argv": list(arguments), "written": written, "inputs": inputs,
        "environment": environment(),
    }  # fmt: skip
    for word in written:
        _put(Path(word), record)


def environment() -> dict[str, str]:
    """Versions that numbers may depend on."""
    import platform
    from importlib import metadata

    found = {"python": platform.python_version(), "machine": platform.machine(),
             "system": platform.system()}  # fmt: skip
    for name in ("anolyte", *NUMERICAL):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _kept(word: str) -> dict[str, Any]:
    """A file or the files of a folder, with their content while there is room."""
    path = Path(word)
    if path.is_dir():
        several, above = sorted(p for p in path.rglob("*") if p.is_file()), path
    else:
        several, above = [path, *_named(path)], path.parent
    left, files = KEPT, []
    for one in several:
        data = one.read_bytes()
        packed = base64.b64encode(zlib.compress(data)).decode("ascii")
        fits = len(packed) <= left
        left -= len(packed) if fits else 0
        files.append({
            "name": one.relative_to(above).as_posix(),
            "sha256": hashlib.sha256(data).hexdigest(),
            "content": packed if fits else None,
        })  # fmt: skip
    return {"word": word, "folder": path.is_dir(), "files": files}


def _named(path: Path) -> list[Path]:
    """Files beside a YAML file that it names."""
    if path.suffix not in (".yaml", ".yml"):
        return []
    words = re.findall(r"[\w.-]+\.\w+", path.read_text(encoding="utf-8", errors="replace"))
    beside = (path.parent / word for word in dict.fromkeys(words) if word != path.name)
    return [one for one in beside if one.is_file()]


def _put(path: Path, record: Mapping[str, Any]) -> None:
    from anolyte.studies.files import write_whole

    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        data = json.loads(text)
        if isinstance(data, dict) and "type" in data:
            shown = json.dumps(data | {"record": record}, indent=1, ensure_ascii=False)
            write_whole(path, shown)
        return
    if "</body>" not in text:
        return
    from anolyte.faces.page import script

    block = f'<script type="application/json" id="{RECORD_ID}">{script(record)}</script>\n'
    head, _, tail = text.rpartition("</body>")
    write_whole(path, f"{head}{block}</body>{tail}")


def read(path: Path) -> dict[str, Any]:
    """The record of a file.

    Raises:
        DataError: It cannot be read, or has none.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
    found: Any = None
    try:
        if path.suffix == ".json":
            data = json.loads(text)
            found = data.get("record") if isinstance(data, dict) else None
        elif (match := _BLOCK.search(text)) is not None:
            found = json.loads(match.group(1))
    except (ValueError, RecursionError):
        raise DataError(f"{path}: its record is broken") from None
    if not _whole(found):
        raise DataError(
            f"{path}: holds no record of how it was made; pages and JSON files that anolyte writes "
            "with --plot, --report or --save have one"
        )
    return found


def _whole(record: Any) -> bool:
    """Whether it looks like one of ours."""
    if not isinstance(record, dict):
        return False
    words = [record.get("argv"), record.get("written")]
    listed = all(isinstance(w, list) and all(isinstance(x, str) for x in w) for w in words)
    return listed and bool(record["written"]) and isinstance(record.get("inputs"), list)


def restored(record: Mapping[str, Any], folder: Path) -> list[str]:
    """The words of the command, its files laid down in a folder.

    Raises:
        DataError: A file that was too large to be kept has changed, or is gone.
    """
    argv = record["argv"]
    if not argv or argv[0] in ONCE:
        raise DataError(f"'{argv[0] if argv else ''}' is not asked again")
    places = {}
    for number, given in enumerate(record["inputs"]):
        places[given["word"]] = _laid(given, folder / f"input{number}")
    words: list[str] = []
    for number, word in enumerate(argv):
        if number and argv[number - 1] in OUTPUTS:
            name, equals, _ = word.rpartition("=")  # --figure NAME=OUT.html
            words.append(f"{name}{equals}{folder / f'written{number}{Path(word).suffix}'}")
        else:
            words.append(places.get(word, word))
    return words


def _laid(given: Mapping[str, Any], folder: Path) -> str:
    folder.mkdir()
    for file in given["files"]:
        name = Path(file["name"])
        if name.is_absolute() or ".." in name.parts:
            raise DataError(f"the record names a file outside its folder: {name}")
        if file["content"] is None:
            return _still(given, file)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(zlib.decompress(base64.b64decode(file["content"])))
    return str(folder if given["folder"] else folder / given["files"][0]["name"])


def _still(given: Mapping[str, Any], file: Mapping[str, Any]) -> str:
    """Where a file that was not kept still is, unchanged."""
    path = Path(given["word"])
    path = path / file["name"] if given["folder"] else path.with_name(file["name"])
    if not path.is_file():
        raise DataError(f"{path}: was too large to be kept in the record, and is gone")
    if hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
        raise DataError(f"{path}: has changed since the answer was made")
    return str(given["word"])
