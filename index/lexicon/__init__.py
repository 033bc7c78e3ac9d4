"""The dictionary's tables: which written forms, readings and synonyms the dictionary has, looked up without Sudachi.

``open_lexicon()`` gives the ``Lexicon`` of the installed dictionary from the user's cache folder; ``cache`` says where
it lies and when it is made anew, ``tables`` how it is written, ``relations`` which members of a synonym group are one
word. Sudachi itself tells the words of a text, but not which words have a reading, a normalized form or a group.
"""

from __future__ import annotations

from index.lexicon.cache import ensure, open_lexicon
from index.lexicon.lookup import Lexicon
from index.lexicon.tables import Entry

__all__ = ["Entry", "Lexicon", "ensure", "open_lexicon"]
