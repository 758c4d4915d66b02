"""The bundle's tokenizer reads texts as the training did: token by token as open_clip's."""

import json
from pathlib import Path

import pytest

from model.clip.tokenizer import clip_tokenizer

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "clip_tokens.json").read_text(encoding="utf-8")
)
EXPECTED = REFERENCE["texts"]
END = 49407


@pytest.fixture(scope="module")
def tokenizer():
    return clip_tokenizer(json.dumps(REFERENCE), context=77)


def test_two_hundred_texts_have_the_ids_of_open_clip(tokenizer):
    assert {text: tokenizer.encode(text).ids for text in EXPECTED} == EXPECTED
    assert len(EXPECTED) == 200


@pytest.mark.parametrize("text", ["a <|endoftext|> cat", "<|startoftext|>", "a <|endoftext|>"])
def test_a_special_token_in_a_text_is_ordinary_text(text, tokenizer):
    ids = tokenizer.encode(text).ids

    assert ids.index(END) == len(ids) - 1
    assert ids[0] not in ids[1:]


def test_a_long_text_is_cut_and_keeps_its_end(tokenizer):
    encoding = tokenizer.encode("a cat " * 100)

    assert len(encoding.ids) == 77
    assert encoding.ids[-1] == END
    assert encoding.overflowing
