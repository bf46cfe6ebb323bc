"""The rules for what we start ourselves: what, when, to whom."""
