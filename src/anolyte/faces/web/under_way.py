"""Runs over HTTP: their forms, and to start, follow, stop, resume, read and remove them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from anolyte.core.errors import DataError
from anolyte.faces.web import forms
from anolyte.faces.web.guard import PAGE_POLICY
from anolyte.faces.web.runs import FILES, Runs

EVERY = 0.5
"""Seconds between two looks at a run that is followed."""
MOST_FILES, MOST_FIELDS = 2000, 400
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Of a run.")]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"verb": {"type": "string", "enum": list(forms.OFFERED)}},
                    "required": ["verb"],
                    "additionalProperties": {"type": "string"},
                }
            }
        },
    }
}


def router(runs: Runs) -> APIRouter:
    """What is offered of runs."""
    found = APIRouter(tags=["runs"])
    _beginning(found, runs)
    _following(found, runs)
    _acting(found, runs)
    return found


def _beginning(found: APIRouter, runs: Runs) -> None:
    @found.get("/api/forms", summary="What may be run, and what each takes")
    def of_forms() -> list[dict[str, Any]]:
        return [asdict(forms.form(verb)) for verb in forms.OFFERED]

    @found.get("/api/runs", summary="Every run, the newest first")
    def of_runs() -> list[dict[str, Any]]:
        return runs.listed()

    @found.post("/api/runs", status_code=201, openapi_extra=_BODY,
                summary="Begin one: `verb`, and its fields as texts or files")  # fmt: skip
    async def begin(request: Request) -> dict[str, Any]:
        verb, values, files = await _sent(request)
        name = await asyncio.to_thread(runs.start, verb, values, files)
        return runs.told(name)

    @found.get("/api/watched", summary="Folders that may be watched")
    def of_watched() -> list[str]:
        return [folder.name for folder in runs.watched]

    @found.post("/api/watched/{number}", status_code=201, summary="Watch one of them")
    def begin_watch(number: Annotated[int, Path(ge=0, le=1000)]) -> dict[str, Any]:
        return runs.told(runs.watch(number))


def _following(found: APIRouter, runs: Runs) -> None:
    @found.get("/api/runs/{run}", summary="How far it is")
    def of_run(run: Id) -> dict[str, Any]:
        return runs.told(run)

    @found.get("/api/runs/{run}/events", summary="The same again and again, as it changes")
    async def events(run: Id, request: Request) -> StreamingResponse:
        runs.folder(run)
        return StreamingResponse(_followed(runs, run, request), media_type="text/event-stream")


def _acting(found: APIRouter, runs: Runs) -> None:
    @found.post("/api/runs/{run}/stop", summary="Stop it as by Ctrl-C; a second time at once")
    def stop(run: Id) -> dict[str, Any]:
        runs.stop(run)
        return runs.told(run)

    @found.post("/api/runs/{run}/resume", summary="Go on with it")
    def resume(run: Id) -> dict[str, Any]:
        runs.resume(run)
        return runs.told(run)

    @found.delete("/api/runs/{run}", status_code=204, summary="Remove it and what it wrote")
    def remove(run: Id) -> Response:
        runs.remove(run)
        return Response(status_code=204)

    @found.get("/api/runs/{run}/{file}", summary="Its page, result, answer or log")
    def of_file(run: Id, file: str, download: bool = False) -> Response:
        data = runs.file(run, file).read_bytes()  # at once: a running verb replaces whole files
        headers = {"content-security-policy": PAGE_POLICY}
        if download:
            headers["content-disposition"] = f'attachment; filename="{run}-{file}"'
        return Response(data, media_type=FILES[file], headers=headers)


async def _sent(
    request: Request,
) -> tuple[str, dict[str, list[str]], dict[str, list[tuple[str, bytes]]]]:
    """The verb, texts and files of a form.

    Raises:
        DataError: Another kind of body.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise DataError("send the form as multipart/form-data")
    values: dict[str, list[str]] = {}
    files: dict[str, list[tuple[str, bytes]]] = {}
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:  # a field for a file that was left empty has none
                    files.setdefault(name, []).append((value.filename, await value.read()))
            else:
                values.setdefault(name, []).append(value)
    verb = values.pop("verb", [""])[0]
    return verb, values, files


async def _followed(runs: Runs, run: str, request: Request) -> AsyncIterator[str]:
    """Server-sent events: a run whenever something changes, until it ends."""
    before = ""
    while not await request.is_disconnected():
        try:
            told = await asyncio.to_thread(runs.told, run)
        except DataError:  # it was removed
            return
        text = json.dumps(told)
        if text != before:
            yield f"data: {text}\n\n"
            before = text
        if told["state"] != "running":
            return
        await asyncio.sleep(EVERY)
