"""The OPTIMADE reference server over a few entries in memory, on a socket that is handed over.

python optimade_reference.py FD ENTRIES.jsonl SETTINGS.json
"""

import json
import socket
import sys
from pathlib import Path


def main(descriptor: str, entries: str, settings: str) -> None:
    """Serve until the process is ended."""
    import uvicorn
    from optimade.server.config import ServerConfig
    from optimade.server.create_app import create_app

    config = ServerConfig(
        insert_test_data=False,
        insert_from_jsonl=Path(entries),
        log_dir=Path(entries).parent,
        **json.loads(Path(settings).read_text(encoding="utf-8")),
    )
    listener = socket.socket(fileno=int(descriptor))
    server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="warning"))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
