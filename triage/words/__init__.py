"""The words that every reader shares, as reviewed lists, and the plain letters in which they are looked for."""
