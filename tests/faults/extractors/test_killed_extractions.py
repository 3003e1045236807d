"""The same merchant through all three connectors, over HTTP, with faults on, in windows of any size, twice, and killed.

kill -9 at random moments; what the store holds in the end is the truth: every order, line, refund and deletion, once,
to the cent.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.windows import Window
from sandbox import amazon, shopify, woocommerce
from sandbox.serving import Fault, Faults, SandboxClock, serve
from sandbox.world import World, WorldSpec, generate
from tests.support.extracting import FAILED, Extraction, Task, assert_accounted, rows, staged
from tests.support.true_books import STAGED, Books, assert_true

SEED = 20251214
BEGIN = datetime(2025, 10, 15, tzinfo=UTC)
END = datetime(2026, 2, 10, tzinfo=UTC)
"""When all is over: the last refunds come weeks after the last order."""
_LATE = timedelta(hours=2)  # a window is extracted two hours after it is over
_KILLS = 2  # in each case
_QUICK, _ALL = 3, 25
_RATES = {name: amazon.Rate(1e6, 10**6) for name in amazon.USAGE_PLANS}
_RUNS = 40
_STEPS = {"shopify": 400, "amazon": 300, "woocommerce": 400}
"""About as many changes does a case make in the store."""
_BETWEEN_S = 0.05  # about as long is it from one change to the next


@dataclass(frozen=True)
class Shop:
    """How a shop is asked.

    Attributes:
        kind: The connector.
        resources: What tells of orders, lines, refunds and deletions, in the order in which it is extracted.
        credentials: The sandbox's.
        options: The connector's options, but for the address.
        paths: Where faults of the data strike.
    """

    kind: str
    resources: tuple[str, ...]
    credentials: Mapping[str, str]
    options: Mapping[str, object]
    paths: str

    def at(self, url: str) -> dict[str, object]:
        """Its options, with the address."""
        told: Mapping[str, Mapping[str, object]] = {
            "shopify": {"base_url": url},
            "amazon": {"endpoint": url, "token_url": f"{url}/auth/o2/token"},
            "woocommerce": {"url": url},
        }
        return {**self.options, **told[self.kind]}


SHOPS = (
    Shop(
        "shopify",
        ("orders", "refunds", "deletions"),
        {"access_token": shopify.ACCESS_TOKEN},
        {"bulk_from_days": 20},
        "#orders|#bulk|#tender",
    ),
    Shop(
        "amazon",
        ("orders", "finances", "customer_returns"),
        {
            "client_id": amazon.CLIENT_ID,
            "client_secret": amazon.CLIENT_SECRET,
            "refresh_token": amazon.REFRESH_TOKEN,
        },
        {"marketplaces": ("UK", "JP")},
        "orders|transactions",
    ),
    Shop(
        "woocommerce",
        ("orders", "refunds", "deletions"),
        {"consumer_key": woocommerce.CONSUMER_KEY, "consumer_secret": woocommerce.CONSUMER_SECRET},
        {"auth": "basic", "requests_per_second": 1000, "burst": 1000, "page_size": 40},
        "/(orders|refunds)$",
    ),
)


def broken(shop: Shop, seed: int, *, changing: bool) -> list[Fault]:
    """What goes wrong: answers that fail, answers that are wrong, and a shop that changes while it is read."""
    answers = [
        Fault(kind, probability=0.06, seed=seed + number, seconds=1, status=502)
        for number, kind in enumerate(("throttle", "throttle_after", "error_html", "truncate", "drop"))
    ]
    data = [
        Fault(kind, shop.paths, probability=0.15, seed=seed + number)
        for number, kind in enumerate(("duplicate", "reorder", "schema_extra"))
    ]
    rare = [
        Fault(kind, shop.paths, probability=0.1, seed=seed + number, times=2)
        for number, kind in enumerate(("expired_cursor", "missing_rows"))
    ]
    changes = [Fault(kind, shop.paths, probability=0.1, seed=seed) for kind in ("late_update", "insert_while_paging")]
    return [*answers, *data, *rare, *(changes if changing else [])]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small merchant, some of whose orders are deleted nine days after they came."""
    made = generate(tmp_path_factory.mktemp("merchant"), WorldSpec.tiny())
    gone = (pl.col("shop") != "amazon") & (pl.col("order_id") % 30 == 7) & pl.col("deleted_at").is_null()
    orders = made.frame("orders").with_columns(
        deleted_at=pl.when(gone).then(pl.col("created_at") + pl.duration(days=9)).otherwise("deleted_at"),
        deleted_how=pl.when(gone).then(pl.lit("trash")).otherwise("deleted_how"),
    )
    orders.write_parquet(made.path("orders"))
    return World.open(made.folder)


@dataclass
class Run:
    """A shop that is open, and what is extracted of it in processes that are killed.

    Attributes:
        shop: The shop.
        options: The connector's options.
        clock: The merchant's clock.
        faults: What goes wrong.
        folder: Where the store is.
        chance: Decides when.
        moments: After how many changes of the store, all runs together, a run is killed.
        steps: How many there were.
        delay_s: The blow falls up to so many seconds after that change has begun.
        known: How many times a load may have become known.
    """

    shop: Shop
    options: Mapping[str, object]
    clock: SandboxClock
    faults: Faults
    folder: Path
    chance: random.Random
    moments: list[int]
    steps: int = 0
    delay_s: float = _BETWEEN_S
    known: int = 0

    @property
    def store(self) -> DirectoryStore:
        """What was landed."""
        return DirectoryStore(self.folder / "store")

    def extract(self, window: Window) -> None:
        """Extracts a window, over and over until a run is through."""
        self.clock.set(max(self.clock.now(), window.end + _LATE))
        for _ in range(_RUNS):
            match self._run(window):
                case 0:
                    return
                case code if code == -signal.SIGKILL:
                    self.clock.advance(timedelta(minutes=self.chance.randint(0, 90)))  # until somebody starts it again
                case code:
                    assert code == FAILED, "it did not end as an extraction does"
        pytest.fail(f"{window} does not get through: {self._task(window).said.read_text()}")

    def _run(self, window: Window) -> int | None:
        """One process, killed if its moment comes; its exit code."""
        extraction = Extraction(self._task(window))
        if not self.moments:
            self.steps += extraction.steps()
            return extraction.exit_code()
        self.steps += extraction.steps(self.moments[0] - self.steps)
        if self.steps == self.moments[0]:
            time.sleep(self.chance.random() * self.delay_s)
            extraction.kill()
        self.steps += extraction.steps()
        code = extraction.exit_code()
        if code == -signal.SIGKILL:
            self.moments = [max(moment, self.steps + 1) for moment in self.moments[1:]]
        elif self.steps >= self.moments[0]:  # it was through before the blow fell
            self.moments = [max(moment, self.steps + self.chance.randint(1, 9)) for moment in self.moments]
        return code

    def _task(self, window: Window) -> Task:
        self.known += 1
        now = self.clock.now()
        return Task(
            kind=self.shop.kind,
            options=self.options,
            credentials=self.shop.credentials,
            folder=self.folder,
            resources=self.shop.resources,
            window=window,
            now=now,
            known_at=now + timedelta(seconds=self.known),
        )


@contextmanager
def opened(shop: Shop, world: World, folder: Path, seed: int) -> Iterator[Run]:
    """The shop, open while the block runs."""
    clock, faults = SandboxClock(BEGIN), Faults()
    apps = {
        "shopify": lambda: shopify.app(world, clock, faults, maximum=1e9, restore_rate=1e9),
        "amazon": lambda: amazon.app(world, clock, faults, rates=_RATES),
        "woocommerce": lambda: woocommerce.app(world, clock, faults),
    }
    with serve(apps[shop.kind]()) as server:
        chance = random.Random(seed)  # noqa: S311  the same windows and moments again, not secrets
        moments = sorted(chance.randint(1, _STEPS[shop.kind]) for _ in range(_KILLS))
        yield Run(shop, shop.at(server.url), clock, faults, folder, chance, moments)


def cut(chance: random.Random) -> list[Window]:
    """All of the time in windows of any size, one of them of minutes or hours."""
    length = END - BEGIN
    cuts = [BEGIN + timedelta(seconds=round(length.total_seconds() * chance.random())) for _ in range(2)]
    cuts.append(min(cuts[0] + timedelta(minutes=chance.randint(1, 600)), END))
    bounds = sorted({BEGIN, *cuts, END})
    return [Window(start, end) for start, end in pairwise(bounds)]


def assert_right(run: Run, world: World, windows: list[Window]) -> None:
    assert_true(staged(run.shop.kind, run.store, STAGED), Books(world, run.shop.kind))
    assert_accounted(run.shop.kind, run.store, windows, run.shop.resources)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = range(_ALL if metafunc.config.getoption("--all-cases") else _QUICK)
        shops = [SHOPS[number % len(SHOPS)] for number in cases]
        names = [f"{shop.kind}-{number}" for number, shop in enumerate(shops)]
        metafunc.parametrize(("case", "shop"), list(zip(cases, shops, strict=True)), ids=names)


def test_killed_at_random_moments_with_faults_on_it_is_the_truth(
    world: World, tmp_path: Path, case: int, shop: Shop
) -> None:
    with opened(shop, world, tmp_path, SEED + case) as run:
        windows = cut(run.chance)
        run.faults.replace(broken(shop, SEED + case, changing=True))
        for window in windows:
            run.extract(window)
        assert sum(fault["struck"] for fault in run.faults.counts()) > len(windows)
        # What changed while the last window was read comes with the next one.
        run.faults.replace(broken(shop, SEED + case, changing=False))
        windows.append(Window(END, run.clock.now() + _LATE))
        run.extract(windows[-1])
        assert_right(run, world, windows)

        again = run.chance.sample(windows, len(windows))
        while run.moments or again:
            run.extract(again.pop() if again else run.chance.choice(windows))
        assert_right(run, world, windows)


def test_a_sweep_killed_at_each_step_tells_of_each_deletion_once(world: World, tmp_path: Path) -> None:
    shop, landed = SHOPS[0], tmp_path / "landed"
    with opened(replace(shop, resources=("orders",)), world, landed, SEED) as run:
        run.moments = []
        run.extract(Window(BEGIN, BEGIN + timedelta(days=50)))
    with opened(replace(shop, resources=("deletions",)), world, tmp_path, SEED) as run:
        run.delay_s = 0.0
        for step in range(1, 7):  # two pages, where to go on after each, that they are all, and what they say
            run.folder = Path(shutil.copytree(landed, tmp_path / str(step)))
            run.moments = [run.steps + step]
            run.extract(Window(BEGIN, END))
            assert not run.moments, "it was through before it was killed"
            gone = rows(shop.kind, run.store, "deletions")["record_ref"]
            assert gone.is_unique().all()
            assert gone.len() > 5
            assert_accounted(shop.kind, run.store, [Window(BEGIN, END)], run.shop.resources)
