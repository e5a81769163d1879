"""`python -m darklat` is the command `darklat`."""

from darklat.cli import main

raise SystemExit(main())
