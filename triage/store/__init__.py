"""Tables and queries, one module per table group; the only place that speaks SQL."""
