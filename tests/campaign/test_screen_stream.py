"""A million formulas through the cheap tier: memory hardly grows with their number."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest

MEASURED = textwrap.dedent(
    """
    import contextlib, io, json, resource, sys, time
    from anolyte.faces.cli import main
    began = time.process_time()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(sys.argv[1:]) == 0
    steps = json.loads(said.getvalue())["steps"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(json.dumps({"peak": peak, "seconds": time.process_time() - began, "steps": steps}))
    """
)


def measured(count: int, folder) -> dict:
    """Peak memory in MB, CPU seconds and steps of a screen of so many seeded formulas."""
    asked = ["screen", "--electrolyte", "LLZTO", "--count", str(count), "--elements",
             "Li,Na,Mg,Ca,Sr,Ba,Al,Ga,In,Y,La,Ti,Zr,Hf,Nb,Ta,Si,Ge,Sn,B,Zn,O,F,Cl,Br,S,N,P",
             "--seed", "3", "--through", "tables", "--engine",
             "local", "--json", "--resume", str(folder / f"{count}.db")]  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, *asked], capture_output=True, text=True, check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.campaign
def test_candidates_are_streamed(campaign, tmp_path) -> None:
    count = campaign.size(reduced=6_000, full=1_000_000)
    few, many = measured(count // 6, tmp_path), measured(count, tmp_path)
    came = many["steps"][0]["came"]
    assert came == count
    growth = many["peak"] - few["peak"]
    # Results are kept in the ledger, on disk; what may grow is what the ranking keeps.
    assert growth < 60.0 + 2e-4 * count
    campaign.record(
        candidates=count, peak_mb=round(many["peak"]), growth_mb=round(growth),
        cpu_s=round(many["seconds"]), microseconds=round(1e6 * many["seconds"] / count),
    )  # fmt: skip
