"""The real gateway, started so that the fault runs can kill it anywhere: `python -m tests.faults.gateway`."""

import sys

from gateway.__main__ import main
from tests.faults.failpoints import install_in_gateway
from tests.faults.mutants import install_wanted

if __name__ == "__main__":
    install_wanted()
    install_in_gateway()
    sys.exit(main())
