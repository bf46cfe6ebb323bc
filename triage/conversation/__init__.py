"""What is said to a person and what changes. Pure: no database, no network."""
