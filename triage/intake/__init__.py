"""A message or a turn of a call is taken: read, decided, written in one transaction."""
