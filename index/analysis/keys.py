"""The key of a form: what two spellings must share to be the same term.

Width, case and composition are folded away, and with them what readers see as one word in other letters: old forms of
kanji, ゐ ゑ, iteration marks, ヶ and its kin between kanji, the signs inside a name in katakana.
"""

from __future__ import annotations

import re
from functools import cache

from index.analysis.fold import compare
from index.analysis.iteration import spelt_out
from index.analysis.old_forms import old_forms

_UNCHANGING = re.compile("[ぁ-ゖァ-ヺー々一-鿿]+")
_BETWEEN_KANJI = re.compile("(?<=[一-鿿々])[ヶケヵカ箇](?=[一-鿿])")
_SIGN_IN_A_NAME = re.compile("(?<=[ァ-ヺー])[・=‐-](?=[ァ-ヺ])")
_WO_IN_A_WORD = re.compile("ヲ(?=[ァ-ヺ])|(?<=[ァ-ヺー])ヲ")
_SHORTENED = {
    "(株)": "株式会社",
    "(有)": "有限会社",
    "(財)": "財団法人",
    "(社)": "社団法人",
}


@cache
def _spelt_otherwise() -> re.Pattern[str]:
    return re.compile(f"[{''.join(old_forms())}ゝゞヽヾ〳〴ヲヶケヵカ箇・=‐(-]")


def is_own(form: str) -> bool:
    """Whether width, case and composition change nothing, as far as a look at its letters tells; so it is with most."""
    return _UNCHANGING.fullmatch(form) is not None


def key(form: str) -> str:
    """The key; white space is kept (``big data`` is one term).

    A form that folds to nothing is its own key, so that no term is empty.
    """
    folded = form if is_own(form) else compare(form).strip()
    if _spelt_otherwise().search(folded) is not None:
        folded = _spelling(folded)
    # Most forms are their own keys: of two equal strings only one is kept.
    return form if folded == form or not folded else folded


def _spelling(form: str) -> str:
    """One spelling of those that a word is written in. 々 stays: 人々 is how the dictionary has it, for 人人 too."""
    form = spelt_out(_SHORTENED.get(form, form), kanji=False).translate(_translation())
    form = _SIGN_IN_A_NAME.sub("", _BETWEEN_KANJI.sub("が", form))
    return _WO_IN_A_WORD.sub("オ", form)


@cache
def _translation() -> dict[int, str]:
    return {ord(old): new for old, new in old_forms().items()}


def bare(key: str) -> str:
    """A key without signs and blanks."""
    return key if key.isalnum() else "".join(filter(str.isalnum, key))
