DATA=None
from pathlib import Path
from anolyte.materials.formula import parse
DATA = Path(__file__).parents[1] / "materials" / "data"
