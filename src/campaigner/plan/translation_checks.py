"""The languages of each message against one another, as they are written in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..campaign.campaign import ANY, Campaign, Content
from ..errors import Problem
from ..loading.campaign_file import CampaignFile, Path_
from ..text.language_detection import other_language
from ..text.lint_translations import sibling_findings
from ..text.measure import Finding
from .suppressions import is_allowed

UNTRANSLATED = "untranslated"


def translation_problems(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    """Every difference between the languages of a message that is no matter of language; once, whoever gets it."""
    for message in campaign.messages if len(campaign.languages) > 1 else ():
        languages = message.languages or campaign.languages
        for names, content in ((None, message), *message.variants):
            for texts, path in _texts_of(content):
                written = {language: texts[language] for language in languages if language in texts}
                for language, one in _findings(written, campaign.languages) if ANY not in texts else ():
                    if not is_allowed(one.severity, one.code, campaign.allow, message.allow, content.allow):
                        variant = () if names is None else ("variants", file.variant_as_written(message.id, names))
                        here: Path_ = ("messages", message.id, *variant, *path, language)
                        words = "" if one.start is None else written[language][one.start :].partition("\n")[0]
                        who = {"message_id": message.id, "language": language, "words": words}
                        yield file.problem(here, one.code, one.message, one.help, one.severity, **who)


def _texts_of(content: Content) -> Iterator[tuple[Mapping[str, str], Path_]]:
    """The texts of a message or of a variant, which is compared with itself: it may say less than the message."""
    if content.text is not None:
        yield content.text, ("text",)
    for number, part in enumerate(content.thread or ()):
        yield part.text, ("thread", number, "text")


def _findings(texts: Mapping[str, str], languages: Sequence[str]) -> Iterator[tuple[str, Finding]]:
    said = set()
    for language, finding in sibling_findings(texts) if len(texts) > 1 else ():
        said.add((language, finding.code))
        yield language, finding
    for language, text in texts.items():
        if (language, UNTRANSLATED) not in said and (other := other_language(text, language, languages)):
            message = f"the text in {language} reads like {other}"
            help_ = "If two texts were mixed up, swap them; else translate it."
            yield language, Finding(code="wrong-language", message=message, help=help_)
