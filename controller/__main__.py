"""`python -m controller` is the program `loaxa`."""

import sys

from controller.cli import main

sys.exit(main())
