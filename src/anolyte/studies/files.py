"""Results on disk: JSON with a schema version, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.result import SCHEMA_VERSION, Result, find_type

MAX_BYTES = 200_000_000
PAGE_ID = "anolyte-result"  # of the element of a page that holds the result as JSON


def save(result: Result, path: str | Path) -> Path:
    """Write a result as JSON; an interrupted write leaves the old file as it was."""
    return write_whole(Path(path), json.dumps(result.to_dict(), indent=1, ensure_ascii=False))


def load(path: str | Path) -> Any:
    """The result that `save` wrote, or that a page of `report` holds.

    Raises:
        DataError: No such file, not JSON, no result of ours, or from a newer version.
    """
    return from_dict(read_plain(path), str(path))


def read_plain(path: str | Path) -> Any:
    """The plain data of a saved result or of a page, without the record of how it was made.

    Raises:
        DataError: No such file, or not JSON.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: larger than {MAX_BYTES // 10**6} MB; is it a saved result?")
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() in (".html", ".htm"):
            text = _in_page(text, path)
        data = json.loads(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise DataError(f"{path}: is not JSON; was it written by anolyte.save?") from None
    if isinstance(data, dict):
        data.pop("record", None)
    return data


def _in_page(text: str, path: Path) -> str:
    """The JSON block of a page."""
    match = re.search(rf'<script type="application/json" id="{PAGE_ID}">(.*?)</script>', text, re.S)
    if match is None:
        raise DataError(f"{path}: holds no anolyte result; was it written by anolyte.report?")
    return match.group(1)


def from_dict(data: Any, where: str = "result") -> Any:
    """The result that `to_dict` wrote.

    Raises:
        DataError: Not a result of ours, or from a newer version.
    """
    if not isinstance(data, dict) or "type" not in data:
        raise DataError(f"{where}: holds no anolyte result")
    if not isinstance(data.get("schema"), int) or data["schema"] > SCHEMA_VERSION:
        raise DataError(
            f"{where}: schema {data.get('schema')} is newer than this version reads "
            f"({SCHEMA_VERSION}); update anolyte"
        )
    try:
        return find_type(str(data["type"])).from_dict(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{where}: damaged result ({error})") from None


def write_whole(path: Path, text: str) -> Path:
    """Write a text file under a temporary name, then rename it into place.

    Raises:
        DataError: The folder does not exist, is not writable, or the disk is full.
    """
    # Not tempfile: its files are for their owner alone, and a result is there to be shared.
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with part.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
    return path
