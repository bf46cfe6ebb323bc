"""Takes inbound texts and turns of calls: each is read, decided, and written in one transaction."""
