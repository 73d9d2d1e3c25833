"""`python -m fentanyl_stats`: the command line."""

from .cli import main

main()
