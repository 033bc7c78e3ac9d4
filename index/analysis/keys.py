"""The key of a form: what two spellings must share to be the same term."""

from __future__ import annotations

import re

from index.analysis.fold import compare

_OWN_KEY = re.compile("[ぁ-ゖァ-ヺー々一-鿿]+")
"""What no folding changes, which is most forms."""


def key(form: str) -> str:
    """Width, case and composition folded away; white space kept (``big data`` is one term).

    A form that folds to nothing is its own key, so that no term is empty.
    """
    if _OWN_KEY.fullmatch(form):
        return form
    folded = compare(form).strip()
    # Most forms are their own keys: of two equal strings only one is kept.
    return form if folded == form or not folded else folded
