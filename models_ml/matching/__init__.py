"""Matching: which of our products a competitor's offer is; GTIN first, then maker and part number, then the title."""

from models_ml.matching.run import OFFER_MATCH, OFFER_MATCH_CANDIDATE, match, run

__all__ = ["OFFER_MATCH", "OFFER_MATCH_CANDIDATE", "match", "run"]
