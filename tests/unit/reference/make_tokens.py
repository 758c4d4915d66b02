"""Makes `tokens.json`: what transformers' own tokenizer, in Python, makes of awkward texts.

`pip install transformers==4.57.1`, then `python tests/unit/reference/make_tokens.py`.
"""

import json
import tempfile
from pathlib import Path

from transformers import BertTokenizer

HERE = Path(__file__).parent
TOKENIZER = HERE.parents[2] / "model" / "offline" / "tokenizer.json"
TEXTS = (
    "",
    " ",
    "a cat",
    "A  CAT\t\n!",
    "naïve café ÅNGSTRÖM ǅ ß",
    "日本語の写真 한국어 中文",
    "emoji 😀🏔️👩‍👩‍👧 and\u200bzero\u00a0width",
    "don't stop-me, it's 12:30 (3,141.59€)",
    "<b>tags</b> & [MASK] [SEP] [UNK]",
    "\u0000nul\ufffd and \u0301 combining",
    "antidisestablishmentarianism" * 5,
    "العربية עברית हिन्दी ไทย",
)


def main() -> None:
    """Write each text with its ids."""
    vocabulary = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vocab.txt"
        file.write_text("\n".join(sorted(vocabulary, key=vocabulary.get)))
        tokenizer = BertTokenizer(str(file), do_lower_case=True)
        ids = {text: tokenizer(text)["input_ids"] for text in TEXTS}
    (HERE / "tokens.json").write_text(json.dumps(ids, indent=1) + "\n")


if __name__ == "__main__":
    main()
