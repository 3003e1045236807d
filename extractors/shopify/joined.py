"""From stored pages to whole records: nodes of a page, exports whose children stand anywhere, and things by number."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from extractors.api.client import decode_json
from extractors.api.errors import IncompleteError
from extractors.api.records import Record
from extractors.shopify.bulk import lines_of
from extractors.shopify.pages import found, is_whole
from extractors.shopify.queries import DRAINED, OF_REFUNDS, Node
from lakehouse.landing import RawFile

_BUCKET_BYTES = 8 << 20  # of JSON Lines: about twenty times as much once it is decoded
_CHILDREN = {
    "LineItem": "lineItems",
    "AbandonedCheckoutLineItem": "lineItems",
    "ShippingLine": "shippingLines",
    "ProductVariant": "variants",
    "InventoryLevel": "inventoryLevels",
}


def batches(part: RawFile, node: Node) -> Iterator[list[Record]]:
    """The whole records of a page, in batches that fit into memory.

    A record of a page or an export that is not whole is left out: it stands whole in a page of its own, and the
    number of records that the load was announced with includes it once.

    Raises:
        IncompleteError: If a record is not whole in its own page, or a child has no parent.
    """
    if part.name.endswith("-bulk.jsonl"):
        yield from _exported(part, node)
    elif part.name.endswith("-rest.jsonl"):
        yield list(_by_number(part, node))
    elif not part.name.endswith("-tender.json"):
        nodes, _ = found(decode_json(part.path.read_bytes())["data"], node)
        whole = ((n, one) for n, one in enumerate(nodes, 1) if is_whole(one, node.type))
        yield [(part.name, number, one) for number, one in whole]


def deferred_order(line: bytes) -> str | None:
    """The id of an order in an export that has refunds, whose insides no export can hold."""
    if b'"__parentId"' in line or b'"refunds"' not in line:
        return None
    record = json.loads(line)
    return str(record["id"]) if record.get("refunds") else None


def _exported(part: RawFile, node: Node) -> Iterator[list[Record]]:
    size = part.path.stat().st_size
    count = 1 + size // _BUCKET_BYTES
    if count == 1:
        yield _joined(part.name, node, list(enumerate(lines_of(part.path), 1)))
        return
    folder = part.path.parent
    paths = [folder / f"{part.path.name}.bucket-{number}" for number in range(count)]
    try:
        _spread(part.path, paths)
        for path in paths:
            yield _joined(part.name, node, [_numbered(line) for line in lines_of(path)])
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _spread(source: Path, targets: list[Path]) -> None:
    """Puts each parent and its children into one of the files, with the number of their line before them."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in targets]
        for number, line in enumerate(lines_of(source), 1):
            record = json.loads(line)
            owner = str(record.get("__parentId") or record.get("id"))
            files[zlib.crc32(owner.encode()) % len(files)].write(b"%d\t%s" % (number, line))


def _numbered(line: bytes) -> tuple[int, bytes]:
    number, _, rest = line.partition(b"\t")
    return int(number), rest


def _joined(name: str, node: Node, lines: list[tuple[int, bytes]]) -> list[Record]:
    """Children into their parents; an export writes no connection that is empty."""
    records = [(number, decode_json(line)) for number, line in lines]
    parents = {one["id"]: one for _, one in records if "__parentId" not in one}
    for one in parents.values():
        for connection in DRAINED.get(node.type, ()):
            one[connection] = {"nodes": []}
    for number, one in records:
        if "__parentId" not in one:
            continue
        parent = parents.get(one["__parentId"])
        if parent is None:
            raise IncompleteError(
                f"{name}: line {number} belongs to a record that the export does not have.", remedy="Fetch it again."
            )
        parent[_CHILDREN[one["__typename"]]]["nodes"].append((number, one))
    whole = [(number, one) for number, one in records if "__parentId" not in one and is_whole(one, node.type)]
    for _, one in whole:
        for connection in DRAINED.get(node.type, ()):
            one[connection]["nodes"] = [child for _, child in sorted(one[connection]["nodes"], key=_by_id)]
    return [(name, number, one) for number, one in whole]


def _by_id(child: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    """Children in the order of their ids, as pages give them: an export gives them in none."""
    number = child[1]["id"].rpartition("/")[2].partition("?")[0]
    return (int(number) if number.isdigit() else 0, child[1]["id"])


def _by_number(part: RawFile, node: Node) -> Iterator[Record]:
    things: dict[str, Any] = {}
    for line in part.path.read_bytes().splitlines():
        data = decode_json(line)["data"]
        for one in data.get("nodes") or ():
            if one is not None:
                things[one["id"]] = one
        if data.get("node") is not None:
            _append(things, data["node"])
    for number, one in enumerate(things.values(), 1):
        if not is_whole(one, node.type):
            raise IncompleteError(f"{part.name}: {one['id']} is not whole.", remedy="Fetch it again.")
        yield part.name, number, one


def _append(things: dict[str, Any], more: dict[str, Any]) -> None:
    """Adds the rest of a connection to what it belongs to: a thing, or a refund within one. Or it is a new thing."""
    refunds = {refund["id"]: refund for one in things.values() for refund in one.get("refunds") or ()}
    owner = things.get(more["id"]) or refunds.get(more["id"])
    if owner is None:
        things[more["id"]] = more
        return
    if "discount" in more:
        owner, more = owner["discount"], more["discount"]
    for name in (*dict.fromkeys(_CHILDREN.values()), *OF_REFUNDS, "codes"):
        if name in more:
            owner[name]["nodes"].extend(more[name]["nodes"])
            owner[name]["pageInfo"] = more[name]["pageInfo"]
