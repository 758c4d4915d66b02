"""Makes `clip_tokens.json` anew: what open_clip's tokenizer makes of the texts in it.

`pip install open-clip-torch==3.3.0`, then `python -m tests.unit.reference.make_clip_tokens`.
Of the vocabulary it keeps what these texts need: their byte pairs, and every single byte.
"""

import json
from pathlib import Path

from open_clip.tokenizer import SimpleTokenizer

FILE = Path(__file__).with_name("clip_tokens.json")
_OURS = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}


def main() -> None:
    """Write the texts with their ids, and the part of the vocabulary that they need."""
    theirs = SimpleTokenizer()
    texts = json.loads(FILE.read_text(encoding="utf-8"))["texts"]
    ends = theirs.sot_token_id, theirs.eot_token_id
    ids = {text: [ends[0], *theirs.encode(text), ends[1]] for text in texts}
    merges = _needed(theirs, {n for one in ids.values() for n in one})
    single = [token for token in theirs.encoder if len(token.removesuffix("</w>")) == 1]
    tokens = [*single, *("".join(pair) for pair in merges), *_OURS]
    model = {
        "vocab": {_OURS.get(token, token): theirs.encoder[token] for token in tokens},
        "merges": [" ".join(pair) for pair in merges],
    }
    text = json.dumps({"model": model, "texts": ids}, ensure_ascii=False, indent=0)
    FILE.write_text(text + "\n")


def _needed(theirs: SimpleTokenizer, numbers: set[int]) -> list[tuple[str, str]]:
    """The merges that make these tokens, in their order."""
    made_by = {"".join(pair): pair for pair in theirs.bpe_ranks}
    wanted, needed = [theirs.decoder[number] for number in numbers], set()
    while wanted:
        pair = made_by.get(wanted.pop())
        if pair and pair not in needed:
            needed.add(pair)
            wanted += pair
    return [pair for pair in theirs.bpe_ranks if pair in needed]


if __name__ == "__main__":
    main()
