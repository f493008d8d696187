"""Translation from English to French by a transformer, beside the nearest sentence of a phrase book.

A pair is one sequence of words, "i am cold = j ai froid .", and the network learns, at every place after the "=", which
word comes next, given the true words before it (teacher forcing). To translate, it gets what is before the "=" as a
prompt and pursues its four likeliest continuations, word by word, in one compiled loop that keeps what attention has
computed (`models.generate`).

The phrase book has the same training sentences: it answers with the translation of the English sentence that is most
like the one asked for. No English sentence of the test is in the training data.

Data: `$RANVIER_DATA/tatoeba_eng_fra/fra-eng.zip`, 142,787 pairs of tatoeba.org; only the short ones
in common words are used.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter, defaultdict

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from examples.transformer import TokensAndPlaces, transformer_block
from ranvier import layers

Book = dict[str, list[str]]
"""English sentences with all their translations, as words with spaces between."""

TOGETHER, WORDS, SIZE = 11, 3000, 96
LENGTH = TOGETHER + 2
"""The words of both sentences, the "=" and the "." """


def words_of(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.lower()))


def load() -> Book:
    """Return the sentences that are short and have common words only."""
    with zipfile.ZipFile(local_file("tatoeba_eng_fra", "fra-eng.zip")) as archive:
        lines = archive.read("fra.txt").decode("utf-8").splitlines()
    pairs = [[words_of(side).split() for side in line.split("\t")[:2]] for line in lines]
    pairs = [(english, french) for english, french in pairs if len(english) + len(french) <= TOGETHER]
    counts = Counter(word for pair in pairs for side in pair for word in side)
    common = {word for word, _ in counts.most_common(WORDS)}
    book: Book = defaultdict(list)
    for english, french in pairs:
        if common.issuperset(english + french):
            book[" ".join(english)].append(" ".join(french))
    return book


def made_up() -> Book:
    """Return a language of two words a sentence, for the smoke test."""
    who, what = {"i": "je", "you": "tu", "we": "nous"}, {"sing": "chante", "sleep": "dors", "run": "cours", "go": "va"}
    return {f"{a} {b}": [f"{who[a]} {what[b]}"] for a in who for b in what}


def translator(vocabulary: int) -> keras.Model:
    """Return a network that says at every place which word comes next."""
    words = layers.Input((None,), dtype="int32")
    x = TokensAndPlaces(vocabulary, LENGTH, SIZE)(words)
    for _ in range(2):
        x = transformer_block(x, 4, causal=True, dropout=0.1)
    return keras.Model(words, layers.Dense(vocabulary)(layers.LayerNormalization()(x)))


def translations(model: keras.Model, vocabulary: layers.TextVectorization, english: list[str]) -> list[str]:
    """Return what the network continues each sentence with."""
    prompts = np.asarray(vocabulary([f"{sentence} =" for sentence in english]))
    lengths = np.count_nonzero(prompts, axis=1)
    names = vocabulary.get_vocabulary()
    end = names.index(".")
    found = keras.models.generate(
        model, prompts, LENGTH, strategy="beam_search", end_token=end, prompt_lengths=lengths, cache=True
    )
    rows = zip(found.tokens, lengths, found.lengths, strict=True)
    return [" ".join(names[token] for token in row[a:b] if token != end) for row, a, b in rows]


def bleu(found: list[str], right: list[list[str]]) -> float:
    """Return the share of runs of 1 to 4 words that stand in a right translation too, in per cent.

    Geometric mean over the lengths, and a penalty for brevity (Papineni et al., 2002).
    """
    shared, total = np.zeros(4), np.zeros(4)
    length = wanted = 0
    for sentence, others in zip(found, right, strict=True):
        words = sentence.split()
        length += len(words)
        wanted += min((len(other.split()) for other in others), key=lambda n: (abs(n - len(words)), n))
        for n in range(1, 5):
            most: Counter[tuple[str, ...]] = Counter()
            for other in others:
                most |= runs(other.split(), n)
            shared[n - 1] += (runs(words, n) & most).total()
            total[n - 1] += max(len(words) - n + 1, 0)
    if not shared.all():
        return 0.0
    return 100 * min(1.0, math.exp(1 - wanted / length)) * math.exp(np.log(shared / total).mean())


def runs(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def measure(seed: int, smoke: bool) -> Scores:
    """Train on all English sentences but 1,000, and return each method's BLEU on these."""
    book = made_up() if smoke else load()
    english = np.random.default_rng(seed).permutation(sorted(book)).tolist()
    unseen, known = np.split(english, [4 if smoke else 1000])
    pairs = [(a, b) for a in known for b in book[a]]

    keras.utils.set_random_seed(seed)
    vocabulary = layers.TextVectorization(standardize=None, output_sequence_length=LENGTH)
    sequences = [f"{a} = {b} ." for a, b in pairs]
    vocabulary.adapt(sequences)
    tokens = np.asarray(vocabulary(sequences))
    following = np.pad(tokens[:, 1:], ((0, 0), (0, 1)))
    # Neither the English words nor the padding are asked for.
    asked = (np.cumsum(tokens == vocabulary.get_vocabulary().index("="), axis=1) > 0) & (following > 0)

    model = translator(vocabulary.vocabulary_size())
    epochs, batch = 1 if smoke else 5, 32
    rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * math.ceil(len(tokens) / batch))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss=loss)
    model.fit(tokens, following, sample_weight=asked.astype("float32"), epochs=epochs, batch_size=batch, verbose=0)

    similar = TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2))
    nearest = (similar.fit_transform(known) @ similar.transform(unseen).T).toarray().argmax(axis=0)
    right = [book[sentence] for sentence in unseen]
    return {
        "transformer": bleu(translations(model, vocabulary, list(unseen)), right),
        "nearest training sentence": bleu([book[known[i]][0] for i in nearest], right),
    }


if __name__ == "__main__":
    compare("Translation", measure, score="BLEU on 1,000 unseen sentences, English to French", networks=["transformer"])
