"""The queue of requests: who is to be called next."""
