"""Alt texts: what a screen reader says of itself, and what nobody listens to the end of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .finding import Finding
from .lint_letters import styled_findings

LONGEST = 1000
"""Characters; about a minute of listening."""


def alt_findings(alt: str, language: str) -> Iterator[Finding]:
    """Find the faults of an alt text, which is empty for a decoration; no platform's limit is looked at."""
    alt = alt.strip()
    if match := _opening().match(alt):
        message = f'the alt text begins with "{match[0].rstrip(" :–-")}", which a screen reader says by itself'
        help_ = "Begin with what the image shows."
        yield Finding(code="alt-opening", message=message, help=help_, start=0)
    if len(alt) > LONGEST:
        message = f"the alt text is {len(alt)} characters long"
        help_ = f"Keep to {LONGEST:,}, better 200, and put what is longer into the text or on a page of its own."
        yield Finding(code="alt-long", message=message, help=help_, start=LONGEST)
    if not alt.isascii():
        yield from styled_findings(alt, language)


_OPENINGS = (
    r"(?:(?:an?|the|this)\s+)?(?:image|picture|photo(?:graph)?|graphic|pic)\s*(?:of|shows|showing|depicts|depicting)",
    r"(?:in|on)\s+(?:the|this)\s+(?:image|picture|photo(?:graph)?)",
    r"(?:valo)?kuva(?:ssa)?|foto|pilt|pildil",
    r"(?:(?:en|ett|et)\s+)?(?:foto(?:grafi)?|bilde?|billede|bilete)\s+(?:av|af|på|som|med)",
    r"bild(?:en|et)\s+(?:visar|viser)|(?:billedet|bildet|biletet)\s+viser|(?:ljós)?mynd\s+af",
    r"(?:(?:ein|das)\s+)?(?:bild|foto)\s+(?:von|vom|zeigt|mit)|auf\s+dem\s+(?:bild|foto)",
    r"(?:une?\s+|l[’'])?(?:image|photo(?:graphie)?)\s+(?:de|des|du|montrant|montre)",
    r"(?:une?\s+|l[’'])?(?:image|photo(?:graphie)?)\s+d[’'](?=\w)",
    r"(?:(?:una|la)\s+)?(?:imagen|foto|fotografía)\s+(?:de|del|que)",
    r"(?:(?:uma|a)\s+)?(?:imagem|foto|fotografia)\s+(?:de|do|da)",
    r"(?:una\s+|un[’'])?(?:immagine|foto|fotografia)\s+(?:di|del|della|che)",
    r"(?:afbeelding|foto)\s+van|(?:zdjęcie|obraz|fotografia)\s+przedstawia\w*",
    r"(?:на\s+)?(?:фото|фотографи[ия]|изображени[ие]|картинк[аие])",
    r"(?:на\s+)?(?:зображенн[яі]|світлин[аи]|фотографі[яї])",
    r"صورة|تصویر|תמונה|图片|圖片|照片|图像|圖像|画像|写真|사진|이미지",
)
_LABELS = r"(?:image|picture|photo(?:graph)?|graphic|bilde?|foto|imagen|immagine|billede)(?:\s*:|\s+[–-])"


@cache
def _opening() -> re.Pattern[str]:
    words = "|".join(_OPENINGS)
    return re.compile(rf"(?:(?:{words})(?:(?<=[’'])|(?!\w))|{_LABELS})\s*[:–-]?", re.IGNORECASE)
