"""Where a sentence ends: a rule of ours, as good as a reader's glance; a wrong guess costs only elegance."""

from __future__ import annotations

import re
from functools import cache

_ABBREVIATIONS = {
    "en": "approx. a.m. dept. dr. e.g. est. etc. gen. i.e. inc. ltd. mr. mrs. ms. p.m. prof. rev. st. vs.",
    "fi": "em. eaa. eli. esim. fil. huom. jne. kk. klo. ko. ks. mm. mrd. milj. n. ns. nro. nyk. os. p. prof. puh. "
    "rva. s. so. tms. toht. tri. ts. va. vrt. vs. ym. yms. yo. yht.",
    "sv": "bl.a. ca. d.v.s. dvs. etc. f.d. fr.o.m. jfr. kl. m.fl. m.m. nr. o.s.v. osv. resp. s.k. st. t.ex. t.o.m.",
    "is": "a.m.k. ath. dr. fr. frh. hr. kl. m.a. m.ö.o. nr. o.fl. o.s.frv. s.s. sbr. t.d. þ.e. þ.m.t.",
    "nb, da": "adr. bl.a. ca. dvs. f.eks. fork. kl. mfl. mht. mm. nr. osv. pga. tlf.",
    "de": "bzw. ca. d.h. dr. evtl. ggf. hr. fr. nr. prof. str. u.a. usw. vgl. z.b.",
    "fr, es": "art. av. env. etc. fig. m. mme. mlle. n.b. p.ex. sr. sra. sta. ud. uds. vol.",
}
_CLOSING = "\"'”’»)]"
_OPENING = "\"'“”‘’«([¿¡"


def ends_sentence(before: str, after: str) -> bool:
    """Whether a sentence ends between two words, given with their punctuation."""
    word = before.rstrip(_CLOSING)
    begins = after.lstrip(_OPENING)[:1]
    if not word.endswith((".", "!", "?", "…", "؟", "۔", "।")) or begins.islower():
        return False
    return not (word.endswith(".") and _is_abbreviation(word.lstrip(_OPENING)))


def _is_abbreviation(word: str) -> bool:
    """Known abbreviations, initials (`A.`) and ordinals (`18.`); a whole date (`18.12.`) may end a sentence."""
    lower = word.lower()
    return lower in _abbreviations() or bool(_initial().fullmatch(word))


@cache
def _initial() -> re.Pattern[str]:
    return re.compile(r"(?:[^\W\d_]\.)+|\d{1,2}\.")


@cache
def _abbreviations() -> frozenset[str]:
    return frozenset(" ".join(_ABBREVIATIONS.values()).split())
