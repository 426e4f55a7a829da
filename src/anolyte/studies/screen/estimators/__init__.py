"""What is said of candidates, one file a matter: an estimator is a line here and a file beside."""

from anolyte.studies.screen.estimators.beside import Beside
from anolyte.studies.screen.estimators.migration import Migrating
from anolyte.studies.screen.estimators.passes import Bands, Midpoints
from anolyte.studies.screen.estimators.reactions import Reacting
from anolyte.studies.screen.estimators.stability import Resting

__all__ = ["Bands", "Beside", "Midpoints", "Migrating", "Reacting", "Resting"]
