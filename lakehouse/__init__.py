"""The ground floor: settings, windows, object storage, landing and the warehouse.

Only this package opens a DuckDB connection, an S3 client or an environment variable.
"""
