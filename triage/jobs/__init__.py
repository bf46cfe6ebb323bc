"""What the clock does: claim, act outside any transaction, record."""
