"""Value: who still buys, how often they will, and what they will be worth (BG/NBD and Gamma-Gamma)."""

from models_ml.value.run import run, value

__all__ = ["run", "value"]
