"""Learn from measurements: a cell before and after them, and what to measure next."""

from __future__ import annotations

from anolyte.studies.learn.cycled import Cycled
from anolyte.studies.learn.knowledge import Measured, Sources
from anolyte.studies.learn.next_experiment import Candidate, Proposal, candidates, propose
from anolyte.studies.learn.numbers import Drawn
from anolyte.studies.learn.observations import Data, Noise, Ramp, Resistances
from anolyte.studies.learn.result import Change, Check, Learned, Learnt, Weighed
from anolyte.studies.learn.rivals import RIVALS, Rival
from anolyte.studies.learn.update import learn, posterior

__all__ = [
    "RIVALS", "Candidate", "Change", "Check", "Cycled", "Data", "Drawn", "Learned", "Learnt",
    "Measured", "Noise", "Proposal", "Ramp", "Resistances", "Rival", "Sources", "Weighed",
    "candidates", "learn", "posterior", "propose",
]  # fmt: skip
