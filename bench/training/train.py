"""Trains the heads and writes `heads.npz`: `python -m model.offline.train --features DIR`.

Needs torch besides what the build needs (`pip install torch`; a wheel for processors only is
enough). DIR holds the features, captions and drawings that MODEL_CARD.md names. One thread and a
fixed seed; two to three minutes. With `--choose` the validation photographs stay out of the
training and tell how good its settings are; nothing is saved.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from model.graph import Graph
from model.offline import inputs
from model.offline.heads import HALF, Heads, add_hubness, add_image_halves
from model.offline.hubs import bank_of, run_head
from model.offline.sentences import WIDTH, sentence_graph, unpadded_tokenizer
from model.offline.torch_file import read_state_dict
from model.offline.zero_shot import ZERO_SHOT, Array, ZeroShot
from model.sessions import embed, text_feeds

from .batches import BATCH, Batch, Examples, Standard
from .evaluate import report
from .trained_half import SENTENCE_SCALE, TrainedHalf
from .training_data import TrainingData, load
from .vocabulary import Named, caption_words, drawings

_CLASSES = Path(__file__).with_name("classes.txt")
SEED = 0
EPOCHS = 66
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.1, 0.1
CLASS_WEIGHT = 0.3  # of agreeing with the classifier, against 1 of matching the pairs
PICTURE_WEIGHT = 3.0  # of a class picture against a photograph in that agreement
GEOMETRY_WEIGHT = 3.0  # of keeping pictures as far apart as their features are
CLASS_SENTENCES = ("{}", "a photo of a {}", "a picture of a {} outside")
# Chosen on the validation photographs, and a little above their best weight (0.3): they are all
# everyday scenes, and the zero-shot half is what knows other nouns.
ZERO_SHOT_TEMPERATURE, ZERO_SHOT_WEIGHT = 0.05, 0.4
NEAR_A_CLASS = 0.7  # cosine; 0.6 finds as much, 0.8 less of what photographs show
BANK = 1000  # captions that hubs are told by; half of them finds half a point less


def main() -> None:
    """Train, print how captions find photographs that were left out, and save the heads."""
    parser = argparse.ArgumentParser(description="Train the offline model's heads.")
    parser.add_argument("--features", type=Path, required=True, help="folder of the features")
    parser.add_argument("--choose", action="store_true", help="judge by validation; save nothing")
    arguments = parser.parse_args()
    data = load(arguments.features)
    weights = read_state_dict(inputs.image_weights())
    classifier, bias = weights["_fc.weight"], weights["_fc.bias"]
    chosen = data if arguments.choose else data.chosen()
    heads, zero_shot = train(chosen, classifier, bias), ZeroShot.of_classifier(classifier)
    words = caption_words(chosen.train, heads.root_mean)
    drawn = drawings(arguments.features / "emoji-datasource-google", weights, words[0])
    heads = with_vocabulary(heads, zero_shot, words, drawn)
    heads = with_usual_hubness(heads, zero_shot, chosen.train.features)
    if not arguments.choose:
        _save(heads, inputs.HEADS)
        heads = Heads.load(inputs.HEADS)
    left_out = data.validation if arguments.choose else data.test
    for line in report(left_out, heads, zero_shot):
        print(line)


def train(data: TrainingData, classifier: Array, bias: Array) -> Heads:
    """Fit the trained half; classifier (1000, 1280) and bias (1000,) are the image tower's."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    features = np.concatenate([data.train.features, data.class_features])
    standard = Standard.of(features)
    texts = _class_texts()
    examples = Examples(
        torch.from_numpy(standard(features)),
        _probabilities(features, len(data.train.features), classifier, bias),
        torch.from_numpy(data.train.captions),
        torch.from_numpy(texts),
    )
    half = TrainedHalf(_principal_axes(standard(features)))
    _fit(half, examples)
    mean = np.sqrt(data.train.features).mean(axis=0)
    return _heads(half, standard, texts, mean, bank(data.train.captions))


def _class_texts() -> Array:
    names = _CLASSES.read_text().splitlines()
    vectors = _sentence_vectors([s.format(name) for s in CLASS_SENTENCES for name in names])
    return vectors.reshape(len(CLASS_SENTENCES), len(names), -1)


def _sentence_vectors(texts: list[str]) -> Array:
    graph, sentence = sentence_graph(inputs.text_weights())
    graph.embedding(sentence, WIDTH)
    tokenizer = Tokenizer.from_str(unpadded_tokenizer(inputs.TOKENIZER.read_text()))
    return embed(graph.model(), text_feeds(t.ids for t in tokenizer.encode_batch(texts)))


def _save(heads: Heads, path: Path) -> None:
    arrays: dict[str, Any] = {n: v.astype(np.float16) for n, v in vars(heads).items()}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def with_vocabulary(heads: Heads, zero_shot: ZeroShot, words: Named, drawn: Named) -> Heads:
    """The heads with words that have directions among picture features.

    A drawing whose name is near to a class is left out: the class knows photographs of it.
    """
    names, directions = drawn
    texts = _sentence_vectors(names)
    kept = (texts @ heads.class_texts.T).max(axis=1) < NEAR_A_CLASS
    return replace(
        heads,
        vocabulary_texts=np.concatenate([_sentence_vectors(words[0]), texts[kept]]),
        vocabulary=np.concatenate([words[1], directions[kept]]) @ zero_shot.rotation,
    )


def with_usual_hubness(heads: Heads, zero_shot: ZeroShot, features: Array) -> Heads:
    """The heads with the mean hubness of these pictures (n, 1280)."""
    bank = bank_of(heads, zero_shot)

    def add(graph: Graph, x: str) -> str:
        return add_hubness(graph, add_image_halves(graph, x, heads, zero_shot), bank)

    return replace(heads, usual_hubness=run_head(features, add).mean())


def _probabilities(features: Array, photographs: int, classifier: Array, bias: Array) -> Tensor:
    logits = torch.from_numpy(features @ classifier.T + bias)
    probabilities = functional.softmax(logits, dim=1)
    probabilities[photographs:] *= PICTURE_WEIGHT
    return probabilities


def _principal_axes(x: Array) -> Array:
    return np.linalg.svd(x, full_matrices=False)[2][:HALF]


def _fit(half: TrainedHalf, examples: Examples) -> None:
    random = np.random.default_rng(SEED)
    steps = EPOCHS * (len(examples.captions) // BATCH)
    decayed: dict[str, Any] = {"params": half.layers.parameters(), "weight_decay": WEIGHT_DECAY}
    free: dict[str, Any] = {"params": [half.scale], "weight_decay": 0.0}
    optimiser = torch.optim.AdamW([decayed, free])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps + 1, pct_start=WARM_UP
    )
    for _ in range(EPOCHS):
        for batch in examples.batches(random):
            optimiser.zero_grad()
            torch.autograd.backward(_loss(half, batch))
            optimiser.step()
            schedule.step()


def _loss(half: TrainedHalf, batch: Batch) -> Tensor:
    images, texts = half.images(batch.pictures), half.texts(batch.texts)
    classes = functional.log_softmax(half.logits(images, half.texts(batch.class_texts)), dim=1)
    agreement = -(batch.probabilities * classes).sum(dim=1).mean()
    pictures = functional.normalize(batch.pictures, dim=-1)
    geometry = functional.mse_loss(images @ images.T, pictures @ pictures.T)
    pairs = _matching(half.logits(images, texts))
    return pairs + CLASS_WEIGHT * agreement + GEOMETRY_WEIGHT * geometry


def _matching(logits: Tensor) -> Tensor:
    """Symmetric cross-entropy of finding each row's partner among the columns, and back."""
    own = torch.arange(len(logits))
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


def _heads(
    half: TrainedHalf, standard: Standard, class_texts: Array, mean: Array, bank: Array
) -> Heads:
    """The weights with the inputs' scaling folded in."""
    weights = {name: value.detach().numpy() for name, value in half.layers.named_parameters()}
    image = (weights["image.weight"] / standard.deviation).astype(np.float32)
    averaged = class_texts[:2].sum(axis=0)  # the third wording serves training only
    return Heads(
        image_weight=image,
        image_bias=weights["image.bias"] - image @ standard.mean,
        text_weight=weights["text.weight"] * SENTENCE_SCALE,
        text_bias=weights["text.bias"],
        text_hidden_weight=weights["hidden.weight"] * SENTENCE_SCALE,
        text_hidden_bias=weights["hidden.bias"],
        text_output_weight=weights["output.weight"],
        class_texts=averaged / np.linalg.norm(averaged, axis=1, keepdims=True),
        vocabulary_texts=np.empty((0, class_texts.shape[-1]), np.float32),
        vocabulary=np.empty((0, ZERO_SHOT), np.float32),
        root_mean=mean,
        temperature=np.float32(ZERO_SHOT_TEMPERATURE),
        zero_shot_weight=np.float32(ZERO_SHOT_WEIGHT),
        bank=bank,
        usual_hubness=np.float32(0),
    )


def bank(captions: Array) -> Array:
    """One caption each of some photographs: (BANK, 384)."""
    drawn = np.random.default_rng(SEED).permutation(len(captions))[:BANK]
    first: Array = captions[drawn, 0]
    return first


if __name__ == "__main__":
    main()
