"""Segments: who belongs together among customers and products, in plain words, and who moves."""

from models_ml.segments.run import run, segments

__all__ = ["run", "segments"]
