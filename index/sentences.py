"""Where sentences of Japanese text end, and where one too long for a passage may be cut.

A sentence ends at 。！？．and their like, at `.` `!` `?` before a blank, and with its paragraph; what closes it (」, ”)
and the white space behind belong to it. A stop inside brackets ends nothing, as long as the brackets can be trusted:
they close in the same paragraph and within ``REACH`` characters, so that one 「 never swallows the rest of a document.

All is done in linear time: no step looks further back or ahead than a constant, save over white space, once.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator

REACH = 1_200
"""A bracket that closes further off than this many characters is taken for a slip of the writer."""

_SHORTENED = (
    "Mr Mrs Ms Dr Prof St Jr Sr Rev Hon Gen Col Lt Sgt Capt Gov Sen Rep Inc Co Ltd Corp Bros Dept Univ Assn Ave Blvd "
    "No Nos Vol Vols vol vols Fig Figs fig figs Eq Eqs eq eqs Sec sec Ch ch Chap chap Ed Eds ed eds p pp PP n "
    "vs cf al etc ca approx viz trans var syn sp spp subsp Ph.D Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec"
)
ABBREVIATIONS = frozenset(_SHORTENED.split())
"""Words whose point ends no sentence; U.S., e.g. and other lone or dotted letters need no entry."""

NAMES = ("モーニング娘。", "Yahoo!", "Yahoo！")
"""Names that end with a stop: more text right behind them carries the sentence on."""

_PAIRS = ("「」", "『』", "（）", "()", "〈〉", "《》", "【】", "〔〕", "［］", "[]", "｛｝", "{}", "“”", "«»")
_OPENERS = "".join(pair[0] for pair in _PAIRS)
_CLOSERS = "".join(pair[1] for pair in _PAIRS) + "’"
# The widths are mixed up in real text, （…) above all, so that a bracket goes by its narrow form.
_KIND = {char: unicodedata.normalize("NFKC", pair[0]) for pair in _PAIRS for char in pair}

_FULL = frozenset("。｡")
_LOUD = frozenset("！？‼⁇⁈⁉")
_WIDE = "。｡！？‼⁇⁈⁉"
_STOPS = _WIDE + "!?.．"
_TRAIL = _STOPS + "…‥\ufe0f"

_BRACKET = re.compile(f"[{re.escape(_OPENERS + _CLOSERS[:-1])}]")
_CLOSER = re.compile(f"[{re.escape(_CLOSERS)}]")
_STOP = re.compile(
    f"(?P<marks>[{_STOPS}][{_TRAIL}]*)"
    f"(?P<closed>[{re.escape(_CLOSERS)}]*(?:[\"'](?=\\s|\\Z))?)"
    r"(?:\[(?:注 ?)?\d{1,3}\])*"
)
_BLANKS = re.compile(r"\s*")
_BREAK = re.compile("[\n\r\v\f\x85\u2028\u2029]")
_LINE_BREAK = "(?:\r\n|\r(?!\n)|[\n\v\f\x85\u2028\u2029])"
_BLANK_LINE = re.compile(f"{_LINE_BREAK}[^\\S\n\r\v\f\x85\u2028\u2029]*{_LINE_BREAK}")

_CITED = re.compile(
    "[、，,・()（）]|と(?!ころ|ても|にかく|もかく|りあえず|はいえ)|って|など|の(?!ち|ん)|[はがをにもで](?=[、一-鿿ァ-ヶ])"
)
"""What carries a sentence on after a quotation or a loud mark: なぜ？と聞いた, ラブライブ！は東京で, 驚いた！（笑）."""

_LAST_WORD = re.compile(r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９.．]+\Z")
_DOTTED = re.compile(r"[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]")
_NUMBER = re.compile(r"[（(]?[図表式第例注問]?\s?(?:\d{1,4}(?:[.．-]\d{1,4}){0,5}|[A-Za-zＡ-Ｚａ-ｚァ-ヶ])")


def sentences(text: str, start: int, end: int, line_ends: bool) -> Iterator[tuple[int, int]]:
    """The sentences of ``text[start:end]``, each with the white space behind it, so that they join to the stretch.

    With ``line_ends`` each line is a paragraph of its own, otherwise only a blank line parts them. White space at the
    start belongs to the first sentence; a stretch of nothing else is one span.
    """
    return ((first, last) for first, last, _, _ in placed_sentences(text, start, end, line_ends))


def placed_sentences(text: str, start: int, end: int, line_ends: bool) -> Iterator[tuple[int, int, bool, bool]]:
    """The sentences as ``sentences`` gives them, each with whether it is the first and the last of its paragraph."""
    for first, last in _paragraphs(text, start, end, line_ends):
        begin = first
        for stop in _stops(text, first, last):
            yield begin, stop, begin == first, stop == last
            begin = stop
        if begin < last:
            yield begin, last, begin == first, True


def skip_blanks(text: str, start: int, end: int) -> int:
    """The first position from ``start`` that is not white space; ``end`` if there is none."""
    if start < end and not text[start].isspace():
        return start
    match = _BLANKS.match(text, start, end)
    return match.end() if match else start


def _paragraphs(text: str, start: int, end: int, line_ends: bool) -> Iterator[tuple[int, int]]:
    begin = start
    at = skip_blanks(text, start, end)
    while match := _BREAK.search(text, at, end):
        at = skip_blanks(text, match.start(), end)
        if line_ends or _BLANK_LINE.search(text, match.start(), at):
            yield begin, at
            begin = at
    if begin < end:
        yield begin, end


def _stops(text: str, start: int, end: int) -> Iterator[int]:
    """Where the sentences of one paragraph end, white space included; the last need not be told."""
    at = begin = skip_blanks(text, start, end)
    brackets: deque[tuple[int, int]] | None = None
    while match := _STOP.search(text, at, end):
        if (behind := skip_blanks(text, match.end(), end)) == end:
            return
        # Most paragraphs have but one stop, their last, and need no look at their brackets.
        brackets = _brackets(text, start, end) if brackets is None else brackets
        while brackets and brackets[0][1] < match.start():
            brackets.popleft()
        if brackets and brackets[0][0] < match.start():
            opener, closer = brackets.popleft()
            at = closer + 1
            if opener != begin or not _is_utterance(text, closer, end):
                continue
            behind = skip_blanks(text, at, end)
        elif not _is_end(text, begin, match, end):
            at = match.end()
            continue
        at = begin = behind
        yield behind


def _brackets(text: str, start: int, end: int) -> deque[tuple[int, int]]:
    """The outermost brackets of a paragraph that can be trusted: where each opens and closes."""
    trusted: deque[tuple[int, int]] = deque()
    if not _CLOSER.search(text, start, end):
        return trusted
    opened: deque[int] = deque()
    # How many of each kind are open; without it a closer of a kind that never opened would search them all.
    depth = dict.fromkeys(_KIND.values(), 0)
    for match in _BRACKET.finditer(text, start, end):
        at, char = match.start(), match.group()
        kind = _KIND[char]
        while opened and opened[0] < at - REACH:
            depth[_KIND[text[opened.popleft()]]] -= 1
        if char in _OPENERS:
            opened.append(at)
            depth[kind] += 1
        elif depth[kind]:
            last = _unwind(text, opened, depth, kind)
            while trusted and trusted[-1][0] > last:
                trusted.pop()
            trusted.append((last, at))
    return trusted


def _unwind(text: str, opened: deque[int], depth: dict[str, int], kind: str) -> int:
    """Take back the opened brackets down to the last of a kind, which is the answer."""
    while True:
        last = opened.pop()
        found = _KIND[text[last]]
        depth[found] -= 1
        if found == kind:
            return last


def _is_utterance(text: str, closer: int, end: int) -> bool:
    """Whether a sentence ends with the bracket it began with: 「行こう。」彼は言った, not 「行こう。」と言った."""
    if text[closer - 1] not in _TRAIL:
        return False
    at = skip_blanks(text, closer + 1, end)
    if at == end or _CITED.match(text, at, end):
        return at == end
    # A hiragana right behind is most often a particle that carries the sentence on.
    return at > closer + 1 or text[at] in _OPENERS or (text[at].isalnum() and not "ぁ" <= text[at] <= "ゖ")


def _is_end(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the stop that ``match`` found, outside of brackets, ends the sentence that begins at ``begin``."""
    stop, at = match["marks"], match.end()
    if at == end:
        return True
    blank = text[at].isspace()
    if not blank and text.endswith(NAMES, begin, match.start() + 1):
        return False
    if match["closed"] and _CITED.match(text, skip_blanks(text, at, end), end):
        return False
    if not _FULL.isdisjoint(stop):
        return True
    if not _LOUD.isdisjoint(stop):
        return not _CITED.match(text, at, end)
    if "!" in stop or "?" in stop:
        return blank or (_is_wide(text[at]) and not _CITED.match(text, at, end))
    return _is_point(text, begin, match, blank)


def _is_point(text: str, begin: int, match: re.Match[str], blank: bool) -> bool:
    """Whether a `.` or ．is a full stop: not a decimal point, an ellipsis, the end of an abbreviation or a number."""
    stop, dot, at = match["marks"], match.start(), match.end()
    if len(stop) > 1 or (stop == "." and not blank):
        return False
    word = _LAST_WORD.search(text, max(begin, dot - 24), dot)
    if word is None:
        return not _NUMBER.fullmatch(text, begin, dot)
    plain = unicodedata.normalize("NFKC", word.group())
    if plain in ABBREVIATIONS or _DOTTED.fullmatch(plain) or _NUMBER.fullmatch(text, begin, dot):
        return False
    # A short number is one of a list in running text: 2. 宿命皆通、3. 畢竟成佛.
    return (blank or not _LAST_WORD.match(text, at, at + 1)) and not (len(plain) <= 2 and plain.isdecimal())


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


_CUTS = (
    re.compile(f"[{_WIDE}]+[{re.escape(_CLOSERS)}]*"),
    re.compile("[、，､,]+"),
    re.compile(f"[；;・]+[{re.escape(_CLOSERS)}]*|[{re.escape(_CLOSERS)}]+|\\s+"),
)
"""After what a giant sentence is cut, the best first."""

_NEVER_FIRST = _CLOSERS + _TRAIL + "、，､,；;・ー゛゜"
_ZWJ = "\u200d"
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def pieces(text: str, start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """A giant sentence cut into spans of at most ``most`` characters and the white space behind each; they join to it.

    Cut is behind a stop, then a comma, then ；・」 or a blank, and at last anywhere but within an ASCII word or a
    character of several code points.
    """
    at = skip_blanks(text, start, end)
    while end - at > most:
        # The last but one leaves something for the last, which would be a scrap else.
        room = min(most, end - at - most // 4)
        cut = skip_blanks(text, _cut(text, at, at + room), end)
        yield start, cut
        start = at = cut
    if start < end:
        yield start, end


def _cut(text: str, start: int, end: int) -> int:
    """The best place to cut in ``(start, end]``; there is more text behind ``end``."""
    least = start + max(1, (end - start) // 4)
    for choice in _CUTS:
        cuts = [match.end() for match in choice.finditer(text, start, end)]
        for at in reversed(cuts):
            if at >= least and _may_cut(text, at):
                return at
    anywhere = range(end, least - 1, -1)
    whole = (at for at in anywhere if not _clings(text, at))
    return next((at for at in anywhere if _may_cut(text, at)), None) or next(whole, end)


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in _NEVER_FIRST or (before in ",." and after.isdigit()):
        return False
    return not (before.isascii() and after.isascii() and before.isalnum() and after.isalnum()) and not _clings(text, at)


def _clings(text: str, at: int) -> bool:
    """Whether the code points on both sides of ``at`` are one character to a reader."""
    before, after = text[at - 1], text[at]
    if after.isascii():
        return False
    if before in _FLAGS and after in _FLAGS:
        run = text[max(0, at - REACH) : at]
        return (len(run) - len(run.rstrip(_FLAGS))) % 2 == 1
    return (
        _ZWJ in (before, after)
        or unicodedata.category(after).startswith("M")
        or after in "ﾞﾟ"
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= after <= "\U000e007f"  # tags, of the flags of regions
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
    )
