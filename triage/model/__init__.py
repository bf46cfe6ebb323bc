"""The nouns of the clinic as plain data. Knows nothing else of the program."""
