"""Phones that we ring: staff who call back, a caller put through, crisis contacts."""
