"""The page of phones in the browser, and the JSON behind it."""
