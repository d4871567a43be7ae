"""Texts to try the counters with: any Unicode, and the pieces that campaigns are made of."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

patient = settings(deadline=None, max_examples=60)
"""No deadline: the first example pays for the imports."""

PIECES = (
    "#Päivä", "#SiirtolaistenPäivä:n", "#YK-päivä", "＃Tag", "#", "##", "#2025", "#移民", "@YLE", "@kaveri@mastodon.social",
    "@migri.bsky.social", "@", "info@migri.fi", "$EUR", "https://yle.fi/a", "https://example.org/?q=päivä&lang=fi#osio",
    "https://fi.wikipedia.org/wiki/Siirtolaisuus_(ilmiö)", "yle.fi", "www.migri.fi/oleskelulupa", "asia.Se", "12.is", "http://",
    "https://", "t.co/abc", "://", ".", "..", "/", ":", "(", ")", "”", "…", "-", "_", "&", " ", "\n", "\n\n", "\u00a0", "\u200b",
    "\u200c", "\u200d", "\ufe0f", "\u20e3", "\u0301", "\u202b", "👩🏽‍🚀", "🇫🇮", "❤️", "1️⃣", "क्षि", "ä", "日本", "sana", "A", "18.12.", "klo",
)  # fmt: skip

any_text = st.text(max_size=60)
campaign_text = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
texts = campaign_text | any_text | st.builds("".join, st.lists(campaign_text | any_text, max_size=4))
long_texts = st.lists(st.sampled_from([piece + " " for piece in PIECES] + list(PIECES)), max_size=120).map("".join)
