"""What a query costs, and the bucket that it is paid from.

As documented: a scalar costs nothing, an object 1, a connection 2 and its nodes times `first`, a mutation 10. Money
and page facts are counted as scalars; a live shop scales connections down further. A client must read the costs
from the answers, not compute them.
https://shopify.dev/docs/api/usage/limits#cost-calculation
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import GraphQLAbstractType, GraphQLObjectType, SelectionSetNode, is_abstract_type, is_leaf_type

from sandbox.shopify.projection import Projection, Selected, Value

MOST_PER_QUERY = 1000
_FREE = frozenset({"MoneyBag", "MoneyV2", "PageInfo", "Count"})
_UNSIZED = 250  # of a connection without `first`, which only a bulk export may leave out
_MUTATION = 10


def requested(projection: Projection, selections: SelectionSetNode, root: GraphQLObjectType) -> int:
    """What a selection costs at most."""
    base = _MUTATION if root.name == "Mutation" else 0
    return base + sum(_field(projection, one, None) for one in projection.fields(selections, root))


def actual(projection: Projection, selections: SelectionSetNode, root: GraphQLObjectType, data: Value) -> int:
    """What a selection cost, by its answer."""
    base = _MUTATION if root.name == "Mutation" else 0
    found = data or {}
    return base + sum(_field(projection, one, [found.get(one.key)]) for one in projection.fields(selections, root))


def _field(projection: Projection, one: Selected, answers: list[Any] | None) -> int:
    if is_leaf_type(one.type) or one.type.name in _FREE:
        return 0
    if answers is not None:
        answers = [item for value in answers if value is not None for item in _items(value, one)]
        inner = _object(projection, one, answers)
        return (2 * len(answers) if one.is_connection else 0) + inner
    if one.is_connection:
        return 2 + int(one.arguments.get("first") or one.arguments.get("last") or _UNSIZED) * _node(projection, one)
    return int(one.arguments.get("first") or len(one.arguments.get("ids") or [0])) * _object(projection, one, None)


def _node(projection: Projection, one: Selected) -> int:
    costs = [0]
    for part in projection.fields(one.selections, one.object_type):
        if part.name == "nodes":
            costs.append(_object(projection, part, None))
        elif part.name == "edges":
            nodes = projection.fields(part.selections, part.object_type)
            costs.append(max((_object(projection, n, None) for n in nodes if n.name == "node"), default=0))
    return max(costs)


def _items(value: Value, one: Selected) -> list[Any]:
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [value]


def _object(projection: Projection, one: Selected, answers: list[Any] | None) -> int:
    """The object itself, 1, and what is asked of it; for all the answers where there are some."""
    own = 0 if one.is_connection or one.type.name.endswith("Edge") else 1
    is_abstract = is_abstract_type(one.type)
    abstract = cast("GraphQLAbstractType", one.type)
    members = list(projection.schema.get_possible_types(abstract)) if is_abstract else [one.object_type]
    costs = []
    for member in members:
        fields = projection.fields(one.selections, member)
        if answers is None:
            costs.append(own + sum(_field(projection, part, None) for part in fields))
        else:
            costs.append(
                own * len(answers)
                + sum(_field(projection, part, [item.get(part.key) for item in answers]) for part in fields)
            )
    return max(costs)


@dataclass
class Bucket:
    """Points that run back at a steady rate.

    Attributes:
        maximum: Its size.
        rate: Points restored in a second.
        monotonic: A source of seconds.
        spent: All points that were ever taken.
    """

    maximum: float
    rate: float
    monotonic: Callable[[], float]
    spent: float = 0.0
    _level: float = field(init=False)
    _at: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._level, self._at = self.maximum, self.monotonic()

    @property
    def available(self) -> float:
        """Points that are there now."""
        with self._lock:
            return self._flowed()

    def holds(self, points: float) -> bool:
        """Whether a query that may cost so many points may run now."""
        return self.available >= points

    def take(self, points: float) -> None:
        """Takes what a query cost in the end."""
        with self._lock:
            self._level = self._flowed() - points
            self.spent += points

    def status(self) -> dict[str, float]:
        """What every answer says of it."""
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.available),
            "restoreRate": self.rate,
        }

    def _flowed(self) -> float:
        now = self.monotonic()
        self._level = min(self.maximum, self._level + (now - self._at) * self.rate)
        self._at = now
        return self._level
