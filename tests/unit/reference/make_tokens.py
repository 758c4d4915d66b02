"""Makes `tokens.json` anew: what transformers' own tokenizer, in Python, makes of its texts.

`pip install transformers==4.57.1`, then `python tests/unit/reference/make_tokens.py`.
"""

import json
import tempfile
from pathlib import Path

from transformers import BertTokenizer

FILE = Path(__file__).with_name("tokens.json")
TOKENIZER = FILE.parents[3] / "model" / "offline" / "tokenizer.json"


def main() -> None:
    """Write each text with its ids."""
    vocabulary = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vocab.txt"
        file.write_text("\n".join(sorted(vocabulary, key=vocabulary.get)))
        tokenizer = BertTokenizer(str(file), do_lower_case=True)
        ids = {text: tokenizer(text)["input_ids"] for text in json.loads(FILE.read_text())}
    FILE.write_text(json.dumps(ids, indent=1) + "\n")


if __name__ == "__main__":
    main()
