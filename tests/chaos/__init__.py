"""Real processes under faults, counted: `python -m tests.chaos` in full, a short form in the tests."""
