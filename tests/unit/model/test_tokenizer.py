"""The offline model's tokenizer agrees with that of transformers on text in Latin letters."""

import json
import re
from pathlib import Path

from tokenizers import Tokenizer

from model.offline.inputs import TOKENIZER
from model.offline.sentences import unpadded_tokenizer

REFERENCE = Path(__file__).parents[1] / "reference" / "tokens.json"
OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")


def test_awkward_texts_have_the_ids_of_transformers():
    tokenizer = Tokenizer.from_str(unpadded_tokenizer(TOKENIZER.read_text()))
    reference = json.loads(REFERENCE.read_text())

    expected = {text: ids for text, ids in reference.items() if not OTHER_SCRIPT.search(text)}

    assert {text: tokenizer.encode(text).ids for text in expected} == expected
    assert len(expected) == 10
