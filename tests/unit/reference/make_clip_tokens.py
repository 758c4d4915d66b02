"""Makes `clip_tokens.json`: what open_clip's tokenizer makes of 200 texts, most of them awkward.

`pip install open-clip-torch==3.3.0`, then `python -m tests.unit.reference.make_clip_tokens`.
Of the vocabulary it keeps what these texts need: their byte pairs, and every single byte.
"""

import json
from pathlib import Path

from open_clip.tokenizer import SimpleTokenizer

from model.samples import captions

HERE = Path(__file__).parent
COUNT = 200
_OURS = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
AWKWARD = """
it’s a dog’s life
“a quoted sign” and ‘another’
she’ll say they’re here, I’ve won, he’d gone, I’m in, don’t
a cat&amp;dog
a &quot;quoted&quot; sign
5 &lt; 7 &gt; 3
&lt;b&gt;bold&lt;/b&gt;
it&#39;s here
it&#x27;s there
caf&eacute; in Z&uuml;rich
fish&nbsp;&amp;&nbsp;chips
AT&amp;amp;T building
&hellip; and so on &mdash; at last
&ldquo;hello&rdquo; &lsquo;you&rsquo;
ＦＵＬＬ　ＷＩＤＴＨ　ｌｅｔｔｅｒｓ　１２３
ｶﾞｲﾄﾞ
ﬁne ﬂowers in the oﬃce, a waﬄe, the ﬀ and the ﬆ
Ĳsselmeer and ĳs
an   image \t of \n many\r\nlines
\u00a0non-breaking\u00a0spaces\u00a0
\u2003em\u2003spaces\u2009thin
zero\u200bwidth\u200bspace
soft\u00adhyphen
\ufeffbyte order mark
control\u0007 and \u0000nul \u001b[31mred\u001b[0m
café
cafe\u0301
ÅNGSTRÖM UNITS
naïve résumé
ΟΔΥΣΣΕΥΣ
Σ is a letter, ΣΑΣ another
İstanbul
straße STRASSE
日本の写真
中文照片
한국어 사진
العربية
עברית
हिन्दी
ภาษาไทย
Привет, мир
🐱 on a mat
👩‍👩‍👧‍👦 family
🏳️‍🌈 flag
☕️ coffee
❤️
½ cup of 2² = 4 ①
™ and © and ®
price: 3,50 €
100% cotton #1 @home
a_b-c.d/e\\f|g
e-mail me: a.b@example.com
https://example.com/a?b=c&d=e
I'm, you're, we've, they'd, he'll, it's, can't
'quoted' and ''doubled''
'S AND 'T
rock'n'roll
...wait...what?!
!!!
?
(a) [b] {c}
a—b–c-d
1 12 123 1234 12345
v2.0 at 16:9
No. 5
3.14159
x²+y²
A B C
ALL CAPS HEADLINE
mIxEd CaSe
antidisestablishmentarianism
supercalifragilisticexpialidocious
pneumonoultramicroscopicsilicovolcanoconiosis
xqzv blorp
aaaaaaaaaaaaaaaaaaaaaaaaaaaa
a
the
 leading space
trailing space 
tab\tseparated
“nested ‘quotes’ here”
„German“ quotes
« French »
‹ single ›
′ prime ″
ʼ modifier
a`b´c
~tilde~
^caret^
*bold* _italic_
<unclosed
less < more
a<b>c
&unknown; entity
& alone
&;
&#0;
O’Brien’s café — 50 % off
two dogs’ bowls
the ’90s
rock ’n’ roll
1990’s
it’s it's itʼs it‛s
“””
‘’
""".strip("\n").split("\n")


def main() -> None:
    """Write the texts with their ids, and the part of the vocabulary that they need."""
    theirs = SimpleTokenizer()
    texts = list(dict.fromkeys([*AWKWARD, *captions()]))[:COUNT]
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
    (HERE / "clip_tokens.json").write_text(text + "\n")


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
