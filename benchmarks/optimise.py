"""A study over the cell model: what a design costs in a batch, and alone.

    OPENBLAS_NUM_THREADS=1 python benchmarks/optimise.py [--evaluations 1000]

The study of docs/howto/study.yaml, one process. The peer is the same designs one after another,
each a cell of its own: what the answers would cost without joining them (20 designs). Search alone
is Optuna's asking and telling, with nothing to judge.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from anolyte.studies.optimise import optimise
from anolyte.studies.optimise.files import read_study
from anolyte.studies.optimise.search import Search, Tried, searched

STUDY = Path(__file__).parents[1] / "docs" / "howto" / "study.yaml"
ALONE = 20


def main() -> None:
    """Run it and say what it cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=1000)
    count = parser.parse_args().evaluations
    study = read_study(STUDY)
    optimise(study, evaluations=40)  # compiles
    wall, spent = time.perf_counter(), time.process_time()
    front = optimise(study, evaluations=count)
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    print(f"{count} designs of {study.draws} draws: wall {wall:.1f} s, processor {spent:.1f} s")
    print(f"{front.keeping} keep the limits, {len(front.designs)} shown")
    search = Search({name: None for name in study.variables}, len(study.wanted))
    begin = time.process_time()
    points, _ = searched(search, lambda asked: [Tried((0.0,) * 3) for _ in asked], count)
    print(f"search alone: {time.process_time() - begin:.1f} s")
    some = [study.point(p | {"interlayer": "none"}) for p in points[:ALONE]]
    begin = time.process_time()
    study(some)
    together = time.process_time() - begin
    begin = time.process_time()
    for point in some:
        study([point])
    alone = time.process_time() - begin
    print(
        f"{ALONE} designs joined {together:.2f} s, one by one {alone:.2f} s: {alone / together:.1f}"
    )


if __name__ == "__main__":
    main()
