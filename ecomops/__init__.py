"""The face of the platform: the `ecomops` command line and the steps that it shares with the DAGs."""
