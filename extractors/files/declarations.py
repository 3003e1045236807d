"""Finding the mappings: those shipped, and a user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from extractors.files.mapping import SourceMapping
from lakehouse.errors import ConfigError, EcomopsError

SHIPPED = Path(__file__).parent / "mappings"


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times as fast, where it is there


class _UniqueKeys(_Loader):  # type: ignore[misc]  # which of the two, is known at run time only
    """Refuses a key given twice, which YAML's loader otherwise resolves by dropping the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are unique."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = sorted({str(key) for key in keys if keys.count(key) > 1})
        if doubled:
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(doubled)} given twice", node.start_mark)
        return dict(super().construct_mapping(node, deep))


def load_mapping(path: Path) -> SourceMapping:
    """Reads one mapping.

    Raises:
        ConfigError: If it is no valid mapping; the message names the file, the key and the remedy.
    """
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 -- a SafeLoader
        return SourceMapping.model_validate(told)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} is not readable YAML: {error}", remedy="Correct the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the mapping"
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{path}: {key}: {message}.", remedy="extractors/files/README.md describes every key."
        ) from error
    except EcomopsError as error:  # an unknown stream, field or zone
        raise ConfigError(f"{path}: {error.message}", remedy=error.remedy) from error


def declared(extra: Path | None = None) -> list[SourceMapping]:
    """All file sources: those shipped, and a user's own, which win over shipped ones of the same name.

    Args:
        extra: Folder of the user's mappings; None: the one the settings name, if any.

    Raises:
        ConfigError: If one of them is not valid, or two files of a folder declare the same source.
    """
    if extra is None:
        from lakehouse.settings import get_settings

        extra = get_settings().mappings
    found = _folder(SHIPPED)
    if extra is not None:
        if not extra.is_dir():
            raise ConfigError(f"There is no folder {extra}.", remedy="Correct ECOMOPS_MAPPINGS_DIR, or unset it.")
        found |= _folder(extra)
    return [found[name] for name in sorted(found)]


def find(name: str, extra: Path | None = None) -> SourceMapping:
    """The declared source of that name.

    Raises:
        ConfigError: If there is none; the message lists those there are.
    """
    sources = {mapping.name: mapping for mapping in declared(extra)}
    if name not in sources:
        raise ConfigError(f"There is no file source {name!r}.", remedy=f"Declared are: {', '.join(sources)}.")
    return sources[name]


def _folder(folder: Path) -> dict[str, SourceMapping]:
    found: dict[str, SourceMapping] = {}
    for path, mapping in _mappings(folder):
        if mapping.name in found:
            raise ConfigError(f"{path} declares {mapping.name} a second time.", remedy="Give it another name.")
        found[mapping.name] = mapping
    return found


def _mappings(folder: Path) -> Iterator[tuple[Path, SourceMapping]]:
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        yield path, load_mapping(path)
