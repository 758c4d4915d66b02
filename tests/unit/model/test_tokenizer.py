"""The offline model's tokenizer answers as transformers' own, for text in Latin letters."""

import json
import re
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from model.offline.inputs import TOKENIZER
from model.offline.sentences import unpadded_tokenizer

REFERENCE = Path(__file__).parents[1] / "reference" / "tokens.json"
EXPECTED = json.loads(REFERENCE.read_text())


OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")


@pytest.mark.parametrize("text", [text for text in EXPECTED if not OTHER_SCRIPT.search(text)])
def test_awkward_texts_have_the_ids_of_transformers(text):
    tokenizer = Tokenizer.from_str(unpadded_tokenizer(TOKENIZER.read_text()))

    assert tokenizer.encode(text).ids == EXPECTED[text]
