"""`python -m anolyte` is the `anolyte` command."""

import sys

from anolyte.faces.cli import main

if __name__ == "__main__":
    sys.exit(main())
