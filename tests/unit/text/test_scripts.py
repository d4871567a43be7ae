"""Texts in scripts that few platforms were tried with: no fault where every platform agrees, one where they differ."""

from __future__ import annotations

import pytest

from campaigner.text.lint import lint
from campaigner.text.thread_split import ends_sentence


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bo", "#བོད། ཐུགས་རྗེ་ཆེ།"),
        ("bo", "བལྟ་རོགས།https://iom.int/bo"),
        ("km", "#ជនចំណាកស្រុក។ សូមអរគុណ #ជន១៨ធ្នូ"),
        ("km", "សូម\u200bមើល\u200bនៅ\u200bទីនេះ"),
        ("th", "วัน\u200bผู้ย้ายถิ่น\u200bสากล #วันผู้ย้ายถิ่น"),
        ("my", "ရွှေ့ပြောင်း\u200bသူများ #ရွှေ့ပြောင်းသူများ။"),
        ("am", "ዛሬ የስደተኞች ቀን ነው። #የስደተኞች_ቀን፣ #ስደተኞች፡"),
        ("ta", "#புலம்பெயர்ந்தோர்தினம்! #க்ஷமா, #ஸ்ரீ #௧௮டிசம்பர்"),
        ("bn", "আজ অভিবাসী দিবস। #অভিবাসী_দিবস। #উৎসব #ক্ষমতা"),
        ("bn", "হক্\u200c সাহেব"),
        ("ml", "ഞാന്\u200d വന്നു"),
        ("he", "#יום_המהגרים, #שָׁלוֹם! ראו https://iom.int/he, בhttps://iom.int/he"),
        ("he", "ראו #מהגרים\u200f."),
    ],
)
def test_a_text_that_every_platform_takes_whole(language: str, text: str) -> None:
    assert lint(text, (), language) == ()


@pytest.mark.parametrize(
    ("language", "text", "code", "cure"),
    [
        ("bo", "#བོད་ཡིག དེ་རིང་།", "tag-broken", "Write #བོདཡིག."),
        ("bo", "https://iom.int/bo། ཡང་།", "url-tail", "Put a space between."),
        ("km", "#ជន\u200bចំណាកស្រុក", "tag-broken", "It was perhaps pasted: type #ជនចំណាកស្រុក anew."),
        ("km", "https://iom.int/km។", "url-tail", "Put a space between."),
        ("km", "#១៨", "tag-digits", "Add a letter."),
        ("km", "សូម \u200b មើល", "invisible", "It was perhaps pasted: delete it."),
        ("am", "https://iom.int/am፡ እናመሰግናለን", "url-tail", "Put a space between."),
        ("am", "ቀን።#ኢትዮጵያ", "tag-before", "Put a space before the #."),
        ("bn", "https://iom.int/bn। ধন্যবাদ", "url-tail", "Put a space between."),
        ("bn", "#র\u200d্যালি", "tag-broken", "Write #র্যালি."),
        ("he", '#צה"ל היום', "tag-broken", "Write #צהל."),
        ("he", "#צה״ל היום", "tag-broken", "Write #צהל."),
        ("he", "#בית־ספר", "tag-broken", "Write #ביתספר."),
        ("he", "https://iom.int/he׃", "url-tail", "Put a space between."),
    ],
)
def test_what_platforms_take_apart_is_one_fault_with_its_cure(language: str, text: str, code: str, cure: str) -> None:
    assert [(finding.code, finding.help) for finding in lint(text, (), language)] == [(code, cure)]


@pytest.mark.parametrize("end", ["ነው።", "អន្តរជាតិ។", "দিবস।", "今日。", "היום?", "เหรอ?"])
def test_a_sentence_ends_in_any_script(end: str) -> None:
    assert ends_sentence(end, "ዛሬ")
