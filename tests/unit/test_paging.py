"""Pages of a search: the first, and all of them while the collection changes."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from image_search.paging import asked_for, found_at_once
from image_search.pinecone_index import MAX_RANK, VectorIndex
from image_search.query import Query, Words
from image_search.ranking import Ranked
from image_search.records import Match, Record, record_id
from image_search.searching import Searcher
from tests.tiny_bundle import DIMENSION
from tests.unit.fakes import FakeBucket
from tests.unit.records import metadata

IMAGES, BATCH, PAGE = 800, 400, 25


class LaggingIndex(VectorIndex):
    """The real adapter, of which some reads do not see the latest additions and deletions.

    `vanish` is called between the ranking and the fetching of a page.
    """

    def __init__(self, index, chance):
        self.__dict__ |= index.__dict__
        self.chance = chance
        self.new = set()
        self.gone = []
        self.vanish = lambda ranked: None

    def rank(self, vector, limit, *args, **options):
        found = super().rank(vector, min(limit + len(self.new), MAX_RANK), *args, **options)
        if self.chance.random() < 0.5:
            found = [match for match in found if match.id not in self.new]
            old = {record_id(r.metadata.key): float(r.vector @ vector) for r in self.gone}
            found = sorted(
                [*found, *(Ranked(*item) for item in old.items())], key=lambda match: -match.score
            )
        return found[:limit]

    def matches(self, ranked):
        self.vanish(ranked)
        return super().matches(ranked)


def image(number, chance):
    """A record; a third of them are copies of one of ten images."""
    if number % 3 == 0:
        vector = np.random.default_rng(number % 10).normal(size=DIMENSION)
    else:
        vector = chance.normal(size=DIMENSION)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Record(unit, metadata(key=f"{number}.jpg"))


def filled(vectors):
    chance = np.random.default_rng(0)
    for start in range(0, IMAGES, BATCH):
        vectors.upsert([image(number, chance) for number in range(start, start + BATCH)])
    return vectors


def no_model():
    pytest.fail("words need no image encoder")


class Walk:
    """Follows the pages of one query and changes the collection between them."""

    def __init__(self, index, text_encoder, seed):
        self.chance, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.index = LaggingIndex(index, self.chance)
        self.index.vanish = self.vanish
        self.searcher = Searcher(
            FakeBucket(), self.index, lambda: text_encoder, no_model, duplicate_threshold=1
        )
        self.kept = {f"{number}.jpg" for number in range(IMAGES)}
        self.added = []
        self.shown = []

    def run(self):
        asked = Query((Words("red"),), top_k=PAGE)
        while asked:
            answer = self.searcher.search(asked)
            self.shown += [match.metadata.key for match in answer.matches]
            asked = answer.position and replace(asked, position=answer.position)
            self.change()

    def change(self):
        """Delete images that were shown and others, and add some."""
        shown = [key for key in self.shown[-PAGE:] if key in self.kept]
        self.delete(self.chance.sample(shown, min(5, len(shown))))
        self.delete(self.chance.sample(sorted(self.kept), 3))
        first = IMAGES + len(self.added)
        new = [image(number, self.numbers) for number in range(first, first + 5)]
        self.index.upsert(new)
        self.added += new
        self.index.new = {record_id(record.metadata.key) for record in new}

    def vanish(self, ranked):
        """Some images of the page are deleted before they are fetched."""
        ids = {match.id for match in self.chance.sample(list(ranked), min(2, len(ranked)))}
        self.delete([it.key for it in self.index.fetch_ids(sorted(ids)).values()])

    def delete(self, keys):
        if keys:
            self.index.gone = list(self.index.fetch_records(keys).values())
            self.index.delete(keys)
            self.kept -= set(keys)


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_image_that_stays_is_shown_exactly_once(seed, new_namespace, text_encoder):
    walk = Walk(filled(new_namespace()), text_encoder, seed)

    walk.run()

    assert len(walk.shown) == len(set(walk.shown))
    assert walk.kept <= set(walk.shown)


def test_the_first_page_is_found_at_once_unless_equal_matches_may_be_missing() -> None:
    query = Query((Words("red"),), top_k=PAGE)
    scores = np.linspace(1, 0, asked_for(query))
    near = [Match(metadata(key=str(score)), float(score)) for score in scores]
    equal = [replace(match, score=0.5) for match in near]

    at_once, fewer = found_at_once(near, query), found_at_once(equal[:-1], query)

    assert at_once
    assert not at_once.ended
    assert fewer
    assert fewer.ended
    assert found_at_once(equal, query) is None
