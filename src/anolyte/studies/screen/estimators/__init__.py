"""What is said of candidates, one file a matter: an estimator is a line here and a file beside."""

from anolyte.studies.screen.estimators.adhesion import Adhering
from anolyte.studies.screen.estimators.beside import Beside
from anolyte.studies.screen.estimators.binding import Binding
from anolyte.studies.screen.estimators.leak import Leaking
from anolyte.studies.screen.estimators.migration import Migrating
from anolyte.studies.screen.estimators.moduli import Stiffness
from anolyte.studies.screen.estimators.passes import Bands, Midpoints
from anolyte.studies.screen.estimators.reactions import Reacting
from anolyte.studies.screen.estimators.stability import Resting
from anolyte.studies.screen.estimators.supply import Supplied
from anolyte.studies.screen.estimators.volumes import Volumes

__all__ = [
    "Adhering", "Bands", "Beside", "Binding", "Leaking", "Midpoints", "Migrating", "Reacting",
    "Resting", "Stiffness", "Supplied", "Volumes",
]  # fmt: skip
