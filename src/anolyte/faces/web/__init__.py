"""The page in a browser, and the HTTP interface behind it: `anolyte serve`.

One file a topic; each has functions that answer (no HTTP in them) and a `router` that offers them.
Nothing is computed here: answers come from the same functions as those of the command line, and
what takes longer than a moment runs in a process of its own (`runs.py`).
"""
