"""Counts the baskets that hold each set of items, in DuckDB, level by level (Agrawal & Srikant 1994, Apriori).

mlxtend counts by a tree or a matrix in memory and needs gigabytes for some hundred thousand baskets. Joins need what
DuckDB is allowed, and spill. A test holds the counts to mlxtend's on random baskets.
"""

from __future__ import annotations

import polars as pl

from lakehouse.scratch import Scratch, scratch

ITEMSET_SCHEMA: dict[str, pl.DataType] = {
    "items": pl.List(pl.String),
    "together_count": pl.Int64(),
    "basket_count": pl.Int64(),
    "early_count": pl.Int64(),
    "early_basket_count": pl.Int64(),
}
# Two levels' worth of joins at a time stay well below two gigabytes with the process around them.
MEMORY = "800MB"


def count_itemsets(
    lines: pl.DataFrame, *, basket_count: int, early_basket_count: int, threshold: int, max_items: int | None
) -> pl.DataFrame:
    """Every set of items that is in at least `threshold` baskets.

    Args:
        lines: `basket` (number, in time order from 0), `item`, each pair once.
        basket_count: All baskets; `early_basket_count`: those numbered below it are the first half.
        threshold: Least number of baskets, at least 1.
        max_items: Largest set; None for no limit.

    Returns:
        Columns of `ITEMSET_SCHEMA`, items sorted within a set; sorted by size and items.
    """
    frequent = lines.group_by("item").len().filter(pl.col("len") >= threshold).sort("item")
    if frequent.is_empty():
        return pl.DataFrame(schema=ITEMSET_SCHEMA)
    names = frequent["item"].cast(pl.String).to_list()
    numbers = frequent.select("item", number=pl.int_range(pl.len(), dtype=pl.Int32))
    numbered = lines.join(numbers, on="item").select(pl.col("basket").cast(pl.Int32), "number")
    with scratch(memory=MEMORY) as database:
        database.load("line", numbered, order_by="basket, number")
        del numbered
        levels = _levels(database, early_basket_count, threshold, max_items)
    frames = [
        pl.DataFrame(
            {
                "items": [[names[number] for number in items] for items in level["items"].to_list()],
                "together_count": level["together_count"],
                "early_count": level["early_count"],
            }
        )
        for level in levels
    ]
    return (
        pl.concat(frames)
        .with_columns(
            basket_count=pl.lit(basket_count, dtype=pl.Int64),
            early_basket_count=pl.lit(early_basket_count, dtype=pl.Int64),
        )
        .select(list(ITEMSET_SCHEMA))
        .cast(ITEMSET_SCHEMA)  # type: ignore[arg-type]
    )


def _levels(database: Scratch, early: int, threshold: int, max_items: int | None) -> list[pl.DataFrame]:
    """Counts of the sets of one item, of two, and so on, until none is frequent.

    A set of k items is counted where a basket holds a frequent set of k - 1 and a later item, if all its subsets are
    frequent. `held` is the baskets' frequent sets of the level below.
    """
    database.run(
        f"""
        create table level1 as
        select
            number as set_id, -1 as below_id, number as last_item, [number] as items,
            count(*) as together_count, count(*) filter (where basket < {early}) as early_count
        from line group by number;
        create table held1 as select basket, number as set_id, number as last_item from line;
        """
    )
    found = [_read(database, 1)]
    size = 2
    while found[-1].height >= size and (max_items is None or size <= max_items):
        _candidates(database, size)
        _count(database, size, early, threshold, keeps=max_items is None or size < max_items)
        level = _read(database, size)
        if level.is_empty():
            break
        found.append(level)
        size += 1
    return found


def _candidates(database: Scratch, size: int) -> None:
    """Sets of `size` items whose every subset of one less is frequent; of two items: any two frequent ones."""
    below = size - 1
    if size == 2:
        return
    prunes = " ".join(
        f"semi join level{below} as subset{left_out} on subset{left_out}.items = "
        f"list_concat(joined.items[:{left_out - 1}], joined.items[{left_out + 1}:])"
        for left_out in range(1, size - 1)
    )
    database.run(
        f"""
        create or replace table candidate as
        select joined.* from (
            select
                lower_.set_id as below_id, upper_.last_item, list_append(lower_.items, upper_.last_item) as items
            from level{below} as lower_
            inner join level{below} as upper_
                on lower_.items[:{size - 2}] = upper_.items[:{size - 2}] and lower_.last_item < upper_.last_item
        ) as joined
        {prunes}
        """
    )


def _count(database: Scratch, size: int, early: int, threshold: int, *, keeps: bool) -> None:
    below = size - 1
    allowed = (
        ""
        if size == 2
        else ("inner join candidate on candidate.below_id = held.set_id and candidate.last_item = line.number")
    )
    database.run(
        f"""
        create table counted as
        select
            held.set_id as below_id, line.number as last_item,
            count(*) as together_count, count(*) filter (where line.basket < {early}) as early_count
        from held{below} as held
        inner join line on held.basket = line.basket and held.last_item < line.number
        {allowed}
        group by held.set_id, line.number
        having count(*) >= {threshold};
        create table level{size} as
        select
            cast(row_number() over (order by below.items, counted.last_item) as integer) as set_id,
            counted.below_id, counted.last_item, list_append(below.items, counted.last_item) as items,
            counted.together_count, counted.early_count
        from counted inner join level{below} as below on counted.below_id = below.set_id;
        """
    )
    if keeps:
        database.run(
            f"""
            create table held{size} as
            select held.basket, level{size}.set_id, level{size}.last_item
            from held{below} as held
            inner join line on held.basket = line.basket and held.last_item < line.number
            inner join level{size} on level{size}.below_id = held.set_id and level{size}.last_item = line.number;
            """
        )
    database.run(f"drop table counted; drop table held{below}")


def _read(database: Scratch, size: int) -> pl.DataFrame:
    return database.frame(f"select items, together_count, early_count from level{size} order by items")
