"""A simulated merchant: one consistent history as Parquet tables, and the truth behind it."""
