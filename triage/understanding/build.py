"""Fits the heads to the phrases: `python -m triage.understanding.build`; with `--check` tells whether that is due.

The check looks at the encoder's weights and at the thresholds too. Older thresholds are told and forgiven: a few new
phrases move them by less than chance does.
"""

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

from triage.understanding import branch, fingerprint, saved_heads, tuning
from triage.understanding.encoder import Ngrams, Sentences
from triage.understanding.heads import Head
from triage.understanding.phrase_files import ANSWERS, DANGERS, TOPICS, read_phrases
from triage.understanding.phrase_vectors import sentence_vectors
from triage.understanding.training import check_in_training_set, safety_training_set, topic_training_set

MOST_NEWER = 0.03  # of the phrases; so many move the figures by no more than chance does


def changed_since(folder: Path = saved_heads.FOLDER) -> list[str]:
    """Return what is no longer as it was when the saved heads were fitted: "phrases", "code" and the like."""
    now = fingerprint.inputs() | {saved_heads.HEADS: saved_heads.file_hash(folder)}
    then = saved_heads.made_from(folder)
    return [name for name, digest in now.items() if then.get(name) != digest]


def wrong_with() -> list[str]:
    """Return a sentence for each thing that was not made from what is here."""
    found = [f"The encoder's weights are not those that were made ({name})." for name in fingerprint.other_weights()]
    if changed := changed_since():
        found.append(f"The heads were not fitted from what is here ({', '.join(changed)}): run `make heads`.")
    if (newer := newer_than_the_branch()) > MOST_NEWER:
        found.append(f"Of the phrases {newer:.0%} are newer than the tuned branch: run `make train`.")
    return found


def newer_than_the_branch() -> float:
    """Return the share of the phrases that the tuned branch has not been trained on."""
    trained = branch.held_out()[0]
    folded = {phrase.folded for kind in (TOPICS, DANGERS) for phrase in read_phrases(kind)}
    return len(folded - trained.keys()) / len(folded)


def thresholds_older_than() -> list[str]:
    """Return what has changed since the thresholds of the sentence encoder were derived."""
    then = tuning.derived_from(Sentences.name)
    return [name for name, digest in fingerprint.inputs().items() if then.get(name) != digest]


def build(folder: Path = saved_heads.FOLDER) -> bool:
    """Fit and save the heads if anything has changed; return False if they were up to date.

    Raises ImportError, OSError or RuntimeError where the sentence encoder cannot be used.
    """
    if not changed_since(folder):
        return False
    topics, dangers, answers = map(read_phrases, (TOPICS, DANGERS, ANSWERS))
    fitted: dict[str, Head] = {}
    for encoder, encode in ((Ngrams.name, None), (Sentences.name, sentence_vectors)):
        fitted[f"topic.{encoder}"] = topic_training_set(topics, encode).fit()
        # Nobody asks which line of danger, or which answer, was the nearest.
        fitted[f"safety.{encoder}"] = replace(safety_training_set(dangers, topics, encode).fit(), texts=())
        fitted[f"check_in.{encoder}"] = replace(check_in_training_set(answers, dangers, encode).fit(), texts=())
    saved_heads.save(fitted, fingerprint.inputs(), folder)
    return True


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = argparse.ArgumentParser(description="Fit the heads to the phrases, if anything has changed.")
    arguments.add_argument("--check", action="store_true", help="only tell whether they must be fitted again")
    if not arguments.parse_args().check:
        logging.info("heads fitted" if build() else "heads are up to date")
        return
    if older := thresholds_older_than():
        logging.info("The thresholds were derived before %s changed: `make thresholds`.", ", ".join(older))
    if found := wrong_with():
        sys.exit(" ".join(found))


if __name__ == "__main__":
    main()
