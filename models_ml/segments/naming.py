"""Names for clusters: what distinguishes them, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models_ml.segments.clusters import Floats
from models_ml.segments.config import SegmentAssumptions, words

AVERAGE = "average"


def label_keys(centres: Floats, features: Sequence[str], assumptions: SegmentAssumptions) -> list[str]:
    """A key for each cluster: the features that it lies furthest out in, with their side, joined by `+`.

    Only what lies at least `distinct_z` standard deviations off the mean is worth a word. Where two clusters would
    have the same key, each gets further words as long as there are any, and then a number.

    Args:
        centres: Clusters' means in standard deviations from the mean of all.
        features: Names of the columns.
        assumptions: What is worth a word, and how many at most.
    """
    terms = [_terms(centre, features, assumptions.distinct_z) for centre in centres]
    length = [assumptions.max_terms] * len(terms)
    keys = _keys(terms, length)
    for _ in features:
        clashing = [number for number, key in enumerate(keys) if keys.count(key) > 1]
        for number in clashing:
            length[number] += 1
        keys = _keys(terms, length)
    return [_numbered(keys, number) for number in range(len(keys))]


def _terms(centre: Floats, features: Sequence[str], least: float) -> list[str]:
    order = np.argsort(-np.abs(np.round(centre, 6)), kind="stable")
    return [f"{features[at]}.{'high' if centre[at] > 0 else 'low'}" for at in order if abs(centre[at]) >= least]


def _keys(terms: list[list[str]], length: list[int]) -> list[str]:
    return ["+".join(own[:most]) or AVERAGE for own, most in zip(terms, length, strict=True)]


def _numbered(keys: list[str], number: int) -> str:
    same = [other for other, key in enumerate(keys) if key == keys[number]]
    return keys[number] if len(same) == 1 else f"{keys[number]}#{same.index(number) + 1}"


def wording(key: str) -> tuple[str, str]:
    """A key in English and in Chinese."""
    terms, _, number = key.partition("#")
    pairs = [words()[term] for term in terms.split("+")]
    english, chinese = ", ".join(pair[0] for pair in pairs), "、".join(pair[1] for pair in pairs)
    behind = f" ({number})" if number else ""
    return english[0].upper() + english[1:] + behind, chinese + behind
