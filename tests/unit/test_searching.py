"""A query to matches."""

from dataclasses import replace

import numpy as np
import pytest

from image_search import paging, query_images, searching
from image_search.decoding import Crop, decode_parts
from image_search.errors import ImageNotFoundError
from image_search.filters import Filter
from image_search.query import Inline, Query, Stored, Words
from image_search.records import Record, record_id
from image_search.searching import Searcher, TermReport
from tests.unit.images import flat, halves
from tests.unit.indexes import World
from tests.unit.records import metadata, record


def never():
    pytest.fail("a model was loaded that the query does not need")


RED, GREEN, PINK = flat("red"), flat("green"), flat((255, 60, 60))


@pytest.fixture
def world(image_encoder):
    here = World(image_encoder, red=RED, green=GREEN, pink=PINK)
    here.states("red", "green", "pink")
    return here


def searcher(world, text_encoder=never, image_encoder=never, threshold=0.999):
    return Searcher(world.images, world.vectors, text_encoder, image_encoder, threshold)


def keys(answer):
    return [match.metadata.key for match in answer.matches]


def query(*terms, **options):
    return Query(terms, **options)


def test_words_find_the_images_nearest_to_their_vector(world, text_encoder):
    world.vectors.upsert([named := record(key="named"), opposite := record(key="opposite")])
    vector = text_encoder.embed("red")
    named.vector[:], opposite.vector[:] = vector, -vector

    answer = searcher(world, text_encoder=lambda: text_encoder).search(query(Words("red")))

    assert keys(answer)[0] == "named"
    assert keys(answer)[-1] == "opposite"
    assert answer.matches[0].score == pytest.approx(1, abs=1e-5)
    assert answer.timings_ms.keys() == {"embed", "query"}
    assert answer.terms == [TermReport(stored=False, cut=False)]


def test_words_beyond_the_context_are_reported(world, text_encoder):
    words = Words("red " * 10_000)

    answer = searcher(world, text_encoder=lambda: text_encoder).search(query(words))

    assert answer.terms == [TermReport(cut=True)]


def test_words_that_the_model_does_not_know_are_reported(world, text_encoder, monkeypatch):
    monkeypatch.setattr(text_encoder, "unknown_words", lambda _: ("xqzv",))

    terms = query(Words("red xqzv"), Stored("red"))
    answer = searcher(world, text_encoder=lambda: text_encoder).search(terms)

    assert [term.unknown_words for term in answer.terms] == [("xqzv",), None]


@pytest.mark.parametrize(
    "terms", [(Stored("red"),), (Stored("red"), Stored("red")), (Stored("red", weight=0.1),)]
)
def test_an_indexed_image_is_searched_by_its_vector_and_nothing_is_read(terms, world):
    world.vectors.calls.clear()

    answer = searcher(world).search(query(*terms))

    assert keys(answer) == ["pink", "green"]
    assert world.images.count_of("read") == 3  # when they were indexed
    assert [name for name, _ in world.vectors.calls] == ["fetch"] * (len(terms) - 1) + ["query"]
    assert [term.stored for term in answer.terms] == [True] * len(terms)


def test_an_image_that_was_replaced_is_embedded(world, image_encoder):
    world.images.put("red", GREEN)

    answer = searcher(world, image_encoder=lambda: image_encoder).search(query(Stored("red")))

    assert keys(answer) == ["green", "pink"]
    assert answer.terms == [TermReport(stored=False)]
    assert answer.timings_ms.keys() == {"read", "decode", "embed", "query"}


def test_an_image_that_was_deleted_is_not_searched_by(world):
    world.images.remove("red")

    with pytest.raises(ImageNotFoundError, match="'red'"):
        searcher(world).search(query(Stored("red")))


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_the_selected_image_is_not_its_own_match_and_takes_no_place(top_k, world):
    answer = searcher(world).search(query(Stored("red"), top_k=top_k))

    assert keys(answer) == ["pink", "green"][:top_k]
    assert answer.more == (top_k < 2)


def test_no_selected_image_is_a_match(world):
    answer = searcher(world).search(query(Stored("red"), Stored("green", weight=-0.5)))

    assert keys(answer) == ["pink"]


def test_a_negative_image_leads_away_from_it(world):
    terms = Stored("pink"), Stored("red", weight=-0.9)
    world.vectors.upsert([record(key="away")])
    red, pink, away = (world.vectors.records[key].vector for key in ("red", "pink", "away"))
    away[:] = (pink - 0.9 * red) / np.linalg.norm(pink - 0.9 * red)

    answer = searcher(world).search(query(*terms))

    assert keys(answer)[0] == "away"
    assert answer.matches[0].score == pytest.approx(1, abs=1e-4)


def test_copies_of_the_selected_image_are_matches(world):
    for number in range(3):
        world.images.put(f"copy {number}", RED)
    world.states(*world.images.data)

    answer = searcher(world).search(query(Stored("red"), top_k=2))

    assert set(keys(answer)) < {"copy 0", "copy 1", "copy 2"}
    assert len(answer.matches) == 2
    assert answer.matches[0].score == pytest.approx(1, abs=1e-5)


def test_the_only_image_has_no_match_and_is_not_embedded(image_encoder):
    world = World(image_encoder, red=RED)
    world.states("red")

    assert keys(searcher(world).search(query(Stored("red")))) == []


def test_an_image_that_is_not_indexed_yet_is_embedded(world, image_encoder):
    world.images.put("new", PINK)

    answer = searcher(world, image_encoder=lambda: image_encoder).search(query(Stored("new")))

    assert keys(answer) == ["pink", "red", "green"]
    assert "new" not in world.vectors.records


def test_an_image_that_is_indexed_while_it_is_embedded_takes_no_place(world, image_encoder):
    world.images.put("new", flat((255, 90, 90)))
    world.vectors.watch = lambda operation, _: world.states("new") if operation == "query" else None
    searching = searcher(world, image_encoder=lambda: image_encoder)

    assert keys(searching.search(query(Stored("new"), top_k=1))) == ["pink"]


def test_an_image_that_is_not_stored_is_searched_by(world, image_encoder):
    answer = searcher(world, image_encoder=lambda: image_encoder).search(query(Inline(GREEN)))

    assert keys(answer)[0] == "green"
    assert answer.timings_ms.keys() == {"decode", "embed", "query"}


def test_a_part_of_an_image_is_cut_from_it_and_embedded(world, image_encoder):
    world.images.put("flag", halves("red", "green"))
    world.states("flag")
    searching = searcher(world, image_encoder=lambda: image_encoder)

    left = searching.search(query(Stored("flag", crop=Crop(0, 0, 0.5, 1)), top_k=1))
    right = searching.search(query(Stored("flag", crop=Crop(0.5, 0, 0.5, 1)), top_k=1))

    assert (keys(left), keys(right)) == (["red"], ["green"])
    assert left.terms == [TermReport(stored=False)]


def test_the_filter_holds_for_every_kind_of_term(world, text_encoder, image_encoder):
    world.images.put("a/red", RED)
    world.states("a/red")
    searching = searcher(world, lambda: text_encoder, lambda: image_encoder)

    for term in (Words("red"), Stored("red"), Inline(RED)):
        assert keys(searching.search(query(term, filter=Filter(folder="a/")))) == ["a/red"]


@pytest.fixture
def crowd(world):
    """Ten images in a known order of likeness to `red`."""
    red = world.vectors.records["red"].vector
    across = np.eye(48, dtype=np.float32)[7]
    across -= (across @ red) * red
    across /= np.linalg.norm(across)
    for number in range(10):
        score = 0.9 - number / 20
        vector = score * red + np.sqrt(1 - score**2) * across
        seconds = {"uploaded_at": number % 3, "taken_at": number % 4 or None}
        world.vectors.upsert(
            [Record(vector.astype(np.float32), metadata(key=str(number), **seconds))]
        )
    for key in ("green", "pink"):
        world.vectors.delete([key])
    return world


@pytest.mark.parametrize("terms", [(Stored("red"),), (Stored("red"), Stored("red"))])
def test_following_pages_go_on_where_the_last_ended(terms, crowd):
    asked, found = query(*terms, top_k=4), []

    while True:
        answer = searcher(crowd).search(asked)
        found += keys(answer)
        assert answer.more == bool(answer.position)
        if not answer.position:
            break
        asked = replace(asked, position=answer.position)

    assert found == list("0123456789")


def test_a_page_that_ends_with_the_last_match_has_no_next_page(crowd):
    answer = searcher(crowd).search(query(Stored("red"), top_k=10))

    assert len(answer.matches) == 10
    assert (answer.more, answer.position) == (False, None)


def test_the_index_ranks_no_further_than_its_limit(crowd, monkeypatch):
    for module in (searching, paging):
        monkeypatch.setattr(module, "MAX_RANK", 6)

    first = searcher(crowd).search(query(Stored("red"), top_k=4))
    last = searcher(crowd).search(query(Stored("red"), top_k=4, position=first.position))

    assert keys(last) == ["4", "5"]
    assert (last.more, last.position) == (True, None)


@pytest.mark.parametrize(
    ("least", "found"),
    [
        ({"min_score": 0.8}, "012"),
        ({"min_score": 0.99}, ""),
        ({"relative": 0.9}, "01"),
        ({"relative": 1.0}, "0"),
        ({"relative": 0.9, "min_score": 0.88}, "0"),
    ],
)
def test_matches_below_the_least_score_are_left_out(least, found, crowd):
    least = {name: value - 1e-4 for name, value in least.items()}

    answer = searcher(crowd).search(query(Stored("red"), **least))

    assert "".join(keys(answer)) == found
    assert not answer.more


def test_a_share_of_the_best_score_holds_on_following_pages(crowd):
    asked = query(Stored("red"), top_k=2, relative=0.7)
    second = replace(asked, position=searcher(crowd).search(asked).position)
    third = replace(second, position=searcher(crowd).search(second).position)

    assert keys(searcher(crowd).search(second)) == ["2", "3"]
    assert keys(searcher(crowd).search(third)) == ["4", "5"]
    assert not searcher(crowd).search(third).more


def test_the_best_match_is_good_enough_even_where_its_score_is_negative(crowd):
    away = Stored("red", weight=-1)

    answer = searcher(crowd).search(query(away, relative=0.5, top_k=3))

    assert answer.matches[0].score < 0
    assert keys(answer) == ["9"]


@pytest.mark.parametrize(
    ("sort", "order"), [("uploaded_at", "251403"), ("taken_at", "321504"), ("score", "012345")]
)
def test_the_matches_of_a_page_are_sorted(sort, order, crowd):
    answer = searcher(crowd).search(query(Stored("red"), top_k=6, sort=sort))

    assert "".join(keys(answer)) == order


def test_duplicates_are_folded_under_the_better_match(crowd):
    answer = searcher(crowd, threshold=0.98).search(query(Stored("red"), top_k=2, collapse=True))

    folded = {key: [m.metadata.key for m in ms] for key, ms in answer.duplicates.items()}
    assert keys(answer) == ["0", "3"]
    assert folded == {"0": ["1", "2"], "3": ["4", "5"]}
    assert answer.position.rank == 6


def test_following_pages_of_folded_matches_lose_none(crowd):
    asked = query(Stored("red"), top_k=2, collapse=True)
    first = searcher(crowd, threshold=0.98).search(asked)

    second = searcher(crowd, threshold=0.98).search(replace(asked, position=first.position))

    assert keys(second) == ["6"]
    assert len(second.duplicates["6"]) == 3
    assert not second.more


def test_more_duplicates_than_are_examined_do_not_end_the_paging(crowd, monkeypatch):
    monkeypatch.setattr(paging, "_FOLDED_WINDOW", 5)

    answer = searcher(crowd, threshold=0).search(query(Stored("red"), collapse=True))

    assert keys(answer) == ["0"]
    assert (answer.more, answer.position.rank) == (True, 5)


def test_records_that_vanish_before_they_are_fetched_do_not_end_the_paging(crowd):
    first = searcher(crowd).search(query(Stored("red"), top_k=4))
    crowd.vectors.calls.clear()

    def watch(operation, _):
        if operation == "fetch" and ("query", "") in crowd.vectors.calls:
            crowd.vectors.records.pop("5", None)

    crowd.vectors.watch = watch
    second = searcher(crowd).search(query(Stored("red"), top_k=4, position=first.position))

    assert keys(second) == ["4", "6", "7"]
    assert (second.more, second.position.rank) == (True, 8)


def test_a_relative_score_of_zero_is_not_a_condition(crowd):
    answer = searcher(crowd).search(query(Stored("red", weight=-1), relative=0.0))

    assert len(answer.matches) == 10
    assert answer.matches[0].score < 0


def test_equal_images_and_parts_of_one_are_decoded_once(world, image_encoder, monkeypatch):
    opened = []
    monkeypatch.setattr(
        query_images.decoding,
        "decode_parts",
        lambda data, crops, *rest, **named: (
            opened.append(len(crops)) or decode_parts(data, crops, *rest, **named)
        ),
    )
    world.images.put("flag", halves("red", "green"))
    left, right = Crop(0, 0, 0.5, 1), Crop(0.5, 0, 0.5, 1)
    parts = Stored("flag", crop=left), Stored("flag", 0.5, right), Stored("flag", 0.1, left)

    answer = searcher(world, image_encoder=lambda: image_encoder).search(
        query(Inline(RED), Inline(RED, 2), Inline(GREEN), *parts)
    )

    assert opened == [1, 1, 2]
    assert len(answer.terms) == 6
    assert keys(answer)[0] == "red"


def test_a_page_is_filled_though_many_images_look_the_same(image_encoder, text_encoder):
    world = World(image_encoder)
    same, other = text_encoder.embed("red"), np.eye(48, dtype=np.float32)[0]
    world.vectors.upsert([Record(same, metadata(key=f"same-{n:03}")) for n in range(200)])
    world.vectors.upsert([Record(other, metadata(key="other"))])

    wanted = query(Words("red"), top_k=2, collapse=True)
    answer = searcher(world, text_encoder=lambda: text_encoder).search(wanted)

    first = min((f"same-{n:03}" for n in range(200)), key=record_id)
    assert keys(answer) == [first, "other"]
    assert len(answer.duplicates[first]) == 199
