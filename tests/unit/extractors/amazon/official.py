"""Amazon's official models, and how an answer is held to one."""

from __future__ import annotations

import json
import lzma
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator  # type: ignore[import-untyped]

FOLDER = Path("amazon_sp_api")


def official_models(shared_data: Path) -> dict[str, dict[str, Any]]:
    """The models and schemas, by their path in Amazon's repository."""
    packed = lzma.decompress((shared_data / FOLDER / "models_schemas.tar.xz").read_bytes())
    found = {}
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.name.endswith(".json") else None
            if file is not None:
                found[member.name.removeprefix("./")] = json.loads(file.read())
    return found


def problems(model: dict[str, Any], definition: str, answer: object) -> list[str]:
    """What of an answer is not as a definition of a model says; also keys that it does not know."""
    schema = {"$ref": f"#/definitions/{definition}", "definitions": _closed(model["definitions"])}
    found = Draft4Validator(schema).iter_errors(answer)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def _closed(definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions with objects that may hold nothing but what is named: a misspelt key is a mistake here."""
    parts = {
        inner["$ref"].split("/")[-1]
        for one in definitions.values()
        for inner in one.get("allOf", ())
        if "$ref" in inner
    }
    closed = {}
    for name, one in definitions.items():
        is_open = name in parts or one.get("additionalProperties") or not one.get("properties")
        closed[name] = one if is_open else {**one, "additionalProperties": False}
    return closed
