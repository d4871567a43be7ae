"""Every truncation of the founding campaign: what a synced folder may show for a while is never taken for a campaign."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigner.campaign.campaign import Message
from campaigner.files.campaigns import parse_campaign
from campaigner.files.halves import cut_message
from campaigner.files.loaded import CampaignFile
from campaigner.observance.catalogue import Catalogue

FOUNDING = Path(__file__).parents[3] / "campaigns" / "international-migrants-day.yaml"
WHOLE = FOUNDING.read_bytes()
CATALOGUE = Catalogue.load()


def parsed(content: bytes) -> CampaignFile:
    path = Path("campaigns/migrants-day.yaml")
    return parse_campaign(content, id="migrants-day", path=path, shown_as=str(path), catalogue=CATALOGUE)


def said(message: Message) -> str:
    """All of a message but for the line end after a text, which no post has."""
    return message.model_dump_json().replace('\\n"', '"')


@pytest.mark.parametrize("tenth", range(10))
def test_no_truncation_changes_what_a_message_says(tenth: int) -> None:
    whole = parsed(WHOLE).campaign
    assert whole is not None
    messages = {message.id: said(message) for message in whole.messages}
    taken = 0
    for size in range(len(WHOLE) * tenth // 10, len(WHOLE) * (tenth + 1) // 10):
        file = parsed(WHOLE[:size])
        if file.campaign is None or cut_message(file, WHOLE):
            continue
        taken += 1
        assert all(said(message) == messages[message.id] for message in file.campaign.messages), WHOLE[:size][-80:]
    # Now and then a cut falls between two messages: those that are there are whole, the others are missed and told.
    assert taken < 200


CAMPAIGN = """\
campaign: Migrants Day
observance: 18 December
editions: [2026]
languages: [en]
accounts: all
messages:
  morning:
    at: 08:00
    text: |
      Good morning.
      Read more.
  evening:
    at: 20:00
    text: |
      Good evening.
      See you next year.
# Written by Aino.
"""


@pytest.mark.parametrize(
    ("content", "cut"),
    [
        (CAMPAIGN, None),
        (CAMPAIGN.replace("# Written by Aino.\n", ""), None),
        (CAMPAIGN.replace("      See you next year.\n# Written by Aino.\n", ""), "evening"),
        (CAMPAIGN.replace("      See you next year.\n# Written by Aino.\n", "# end\n"), None),
        (CAMPAIGN.replace("year.\n# Written by Aino.\n", ""), "evening"),
        # The first message was changed meanwhile, and the new file is cut.
        (CAMPAIGN.replace("Good morning", "Hello").replace(" next year.\n# Written by Aino.\n", ""), "evening"),
        (CAMPAIGN.replace("See you next year", "See you"), None),
        (CAMPAIGN.partition("  evening:")[0], None),
        (CAMPAIGN.replace("\n", "\r\n").partition(" next year")[0], "evening"),
        ("\ufeff" + CAMPAIGN.partition(" next year")[0], "evening"),
    ],
)
def test_a_file_that_breaks_off_in_a_message(content: str, cut: str | None) -> None:
    assert cut_message(parsed(content.encode()), CAMPAIGN.encode()) == cut
