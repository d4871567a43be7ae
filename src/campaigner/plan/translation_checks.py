"""The languages of each message against one another, as they are written in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..campaign.campaign import ANY, Campaign, Content, Message
from ..errors import Problem
from ..loading.campaign_file import CampaignFile, Path_
from ..text.language_detection import other_language
from ..text.lint_translations import sibling_findings
from ..text.measure import Finding
from .suppressions import is_allowed

UNTRANSLATED = "untranslated"


def translation_problems(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    """Every difference between the languages of a message that is no matter of language; once, whoever gets it."""
    if len(campaign.languages) < 2:
        return
    for message in campaign.messages:
        languages = message.languages or campaign.languages
        for content in (message, *(change for _, change in message.variants)):
            for texts, path in _texts_of(content):
                written = {language: texts[language] for language in languages if language in texts}
                if ANY not in texts:
                    findings = _findings(written, campaign.languages)
                    problems = _of_texts(file, message, content, findings, path, written)
                    allow = (campaign.allow, message.allow, content.allow)
                    yield from (one for one in problems if not is_allowed(one.severity, one.code, *allow))


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


def _of_texts(
    file: CampaignFile,
    message: Message,
    content: Content,
    findings: Iterable[tuple[str, Finding]],
    path: Path_,
    texts: Mapping[str, str],
) -> Iterator[Problem]:
    for language, finding in findings:
        here: Path_ = ("messages", message.id, *_inside(file, message, content), *path, language)
        rest = "" if finding.start is None else texts[language][finding.start :].partition("\n")[0]
        yield Problem(
            place=file.places.of_words(here, rest) if rest else file.place(*here),
            code=finding.code,
            message=finding.message,
            help=finding.help,
            severity=finding.severity,
            campaign=file.id,
            message_id=message.id,
            language=language,
        )


def _inside(file: CampaignFile, message: Message, content: Content) -> Sequence[str]:
    """Where in the message its variant stands; nothing for the message itself."""
    names = next((names for names, change in message.variants if change is content), None)
    return () if names is None else ("variants", file.variant_as_written(message.id, names))
