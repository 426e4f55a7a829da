"""PyBaMM is imported in a run of its own (`pytest -m pybamm`), never beside the main tests."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave PyBaMM's tests out unless they are asked for by their marker."""
    asked = config.getoption("markexpr") == "pybamm"
    return True if collection_path.name == "test_pybamm.py" and not asked else None
