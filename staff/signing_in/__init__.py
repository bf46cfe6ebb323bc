"""Signing in: password, second step, lock, one's own account."""
