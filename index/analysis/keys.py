"""The key of a form: what two spellings must share to be the same term."""

from __future__ import annotations

from index.analysis.fold import compare


def key(form: str) -> str:
    """Width, case and composition folded away; white space kept (``big data`` is one term).

    A form that folds to nothing is its own key, so that no term is empty.
    """
    return compare(form).strip() or form
