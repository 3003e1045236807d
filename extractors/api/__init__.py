"""What every connector shares: the contract, the HTTP client, throttling, records, and the extraction itself.

A connector knows one vendor: how to ask (`fetch`) and how to read (`parse`). It does not know windows of days,
object storage, manifests, retries or files of settings: those are here, once.
"""
