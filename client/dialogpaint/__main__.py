"""`python -m dialogpaint` is the command `dialogpaint`."""

import sys

from dialogpaint.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
