"""The page of one request, and what staff do there."""
