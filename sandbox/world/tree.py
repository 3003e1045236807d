"""The category tree and the suppliers."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.world.spec import WorldSpec
from sandbox.world.words import DEPARTMENTS, GIFT_CARDS, Kind


def kinds() -> list[Kind]:
    """All categories of the lower level, gift cards left out."""
    return [kind for department in DEPARTMENTS.values() for kind in department]


def categories() -> pl.DataFrame:
    """The tree: departments first, then what is in them; gift cards are a department of their own."""
    rows: list[tuple[int, int | None, str, str, str]] = [
        (100 + number, None, en, zh, en) for number, (en, zh) in enumerate([*DEPARTMENTS, GIFT_CARDS])
    ]
    number = 1_000
    for parent, (en, _) in enumerate(DEPARTMENTS):
        for kind in list(DEPARTMENTS.values())[parent]:
            rows.append((number, 100 + parent, kind.name_en, kind.name_zh, f"{en} > {kind.name_en}"))
            number += 1
    rows.append((number, 100 + len(DEPARTMENTS), GIFT_CARDS[0], GIFT_CARDS[1], f"{GIFT_CARDS[0]} > {GIFT_CARDS[0]}"))
    return pl.DataFrame(rows, ["category_id", "parent_id", "name_en", "name_zh", "path_en"], orient="row")


def suppliers(spec: WorldSpec) -> pl.DataFrame:
    """Makers near and far: far ones are cheap, slow and less punctual."""
    rng = spec.rng("suppliers")
    homes = (
        ("CN", "CNY", 38, 8.0),
        ("GB", "GBP", 9, 2.0),
        ("PT", "EUR", 14, 3.0),
        ("IN", "USD", 34, 9.0),
        ("DE", "EUR", 10, 2.0),
        ("JP", "JPY", 24, 4.0),
    )
    names = (
        "Ningbo Haohua",
        "Stoke Pottery Co.",
        "Olaria do Sul",
        "Jaipur Looms",
        "Holzwerk Erz",
        "有田工房",
        "Yiwu Bright",
        "Calder Mills, Ltd.",
        "Porto Linho",
        "Moradabad Brass",
    )
    count = int(np.clip(spec.products // 40, 6, 60))
    home = np.arange(count) % len(homes)
    return pl.DataFrame(
        {
            "supplier_id": np.arange(count) + 501,
            "name": [
                f"{names[n % len(names)]}{'' if n < len(names) else f' {n // len(names) + 1}'}" for n in range(count)
            ],
            "country": [homes[n][0] for n in home],
            "currency": [homes[n][1] for n in home],
            "lead_time_mean_days": np.array([homes[n][2] for n in home]) * rng.uniform(0.85, 1.2, count),
            "lead_time_sd_days": np.array([homes[n][3] for n in home]) * rng.uniform(0.7, 1.4, count),
            "minimum_order_units": rng.choice([24, 48, 60, 100], count),
            "on_time_share": rng.uniform(0.72, 0.97, count),
        }
    )
