"""`python -m hookman`."""

from hookman.cli import main

main()
