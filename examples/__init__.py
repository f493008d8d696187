"""Complete programs on real data, each beside a classic: `python -m examples.NAME`; see README.md."""
