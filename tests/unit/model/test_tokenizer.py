"""The offline model's tokenizer answers as transformers' own, whatever the text."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from model.offline.inputs import TOKENIZER
from model.offline.sentences import unpadded_tokenizer

REFERENCE = Path(__file__).parents[1] / "reference" / "tokens.json"
EXPECTED = json.loads(REFERENCE.read_text())


@pytest.mark.parametrize("text", EXPECTED)
def test_awkward_texts_have_the_ids_of_transformers(text):
    tokenizer = Tokenizer.from_str(unpadded_tokenizer(TOKENIZER.read_text()))

    assert tokenizer.encode(text).ids == EXPECTED[text]
