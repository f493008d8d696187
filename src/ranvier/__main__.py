"""`python -m ranvier` is `ranvier`."""

from ranvier.cli.main import main

main()
