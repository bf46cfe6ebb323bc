"""Hostile posts in numbers, and the scanners of others, against the running program: `make check-security`."""
