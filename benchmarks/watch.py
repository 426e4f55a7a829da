"""What one new file costs a watch, stage by stage: CPU time of this process, medians.

Each file is a spectrum of 89 points that appears by rename; its circuit (11 parameters) is given.
Wall times depend on what else the computer does and are not shown.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import CIRCUIT, ageing
from anolyte.studies.monitor.decide import CellChain, warm
from anolyte.studies.monitor.folder import Folder
from anolyte.studies.monitor.intake import Intake
from anolyte.studies.monitor.journal import Journal
from anolyte.studies.monitor.page import Page
from anolyte.studies.monitor.spectra import Judgement, SpectrumJudge
from anolyte.studies.monitor.watcher import Watcher

STAGES = (
    (Folder, "look", "list the folder"), (Intake, "_take", "read"), (Judgement, "_gate", "gate"),
    (Judgement, "_fit", "fit"), (Judgement, "decide", "judge, gate and fit in it"),
    (Journal, "put", "journal, twice a file"), (Page, "write", "page"), (Watcher, "look", "all"),
)  # fmt: skip
SETUP = Setup(area="0.785 cm2", thickness="1 mm", electrodes="Li|Li")
SPENT: dict[str, list[float]] = defaultdict(list)


def timed(owner: type, name: str, label: str) -> None:
    """Add up the CPU time of a method."""
    plain = getattr(owner, name)

    def method(*args, **named):
        begin = time.process_time()
        try:
            return plain(*args, **named)
        finally:
            SPENT[label].append(1e3 * (time.process_time() - begin))

    setattr(owner, name, method)


def table(spectrum) -> str:
    """A spectrum as a file."""
    pairs = zip(spectrum.frequency.tolist(), spectrum.impedance.tolist(), strict=True)
    rows = "".join(f"{f!r},{z.real!r},{z.imag!r}\n" for f, z in pairs)
    return "frequency [Hz],real [ohm],imaginary [ohm]\n" + rows


def main(count: int = 40) -> None:
    """Watch files appear and print CPU ms of each stage."""
    begin = time.process_time()
    warm(SETUP)
    print(f"loading before the first look: {time.process_time() - begin:.2f} s")
    for stage in STAGES:
        timed(*stage)
    with tempfile.TemporaryDirectory() as where:
        data = Path(where) / "data"
        data.mkdir()
        with Journal(Path(where) / "w.jsonl", "data") as journal:
            page = Page(Path(where) / "w.html", "data", journal.state, least=0.0)
            chain = CellChain(SpectrumJudge(circuit=CIRCUIT))
            watcher = Watcher(Folder(data), journal, chain, lambda _: SETUP, listeners=[page])
            for k, spectrum in enumerate(ageing(count=count).spectra):
                part = data / f"s{k:03d}.csv.part"
                part.write_text(table(spectrum))
                time.sleep(0.02)  # the rename has a date of its own
                part.rename(part.with_suffix(""))
                watcher.look()
    print(f"{'CPU ms':28}{'first':>8}{'median':>8}{'worst':>8}")
    for label, values in SPENT.items():
        rest = values[1:]
        print(f"{label:28}{values[0]:8.1f}{statistics.median(rest):8.1f}{max(rest):8.1f}")


if __name__ == "__main__":
    main()
