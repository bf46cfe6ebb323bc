"""Windows of time, opening hours, and what is promised in them."""
