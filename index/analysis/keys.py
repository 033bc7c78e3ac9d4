"""The key of a form: what two spellings must share to be the same term."""

from __future__ import annotations

import re

from index.analysis.fold import compare

_UNCHANGING = re.compile("[ぁ-ゖァ-ヺー々一-鿿]+")


def is_own(form: str) -> bool:
    """Whether no folding changes a form, as far as a look at its letters tells; so it is with most."""
    return _UNCHANGING.fullmatch(form) is not None


def key(form: str) -> str:
    """Width, case and composition folded away; white space kept (``big data`` is one term).

    A form that folds to nothing is its own key, so that no term is empty.
    """
    if is_own(form):
        return form
    folded = compare(form).strip()
    # Most forms are their own keys: of two equal strings only one is kept.
    return form if folded == form or not folded else folded


def bare(key: str) -> str:
    """A key without signs and blanks."""
    return key if key.isalnum() else "".join(filter(str.isalnum, key))
