"""What staff do with a request, and who is on the staff."""
