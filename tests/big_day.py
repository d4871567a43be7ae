"""A big day as an office writes it: thirty messages from seven in the morning to nine at night, in three languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LANGUAGES = ("fi", "sv", "en")
ACCOUNTS = {"iom-mastodon": "mastodon", "iom-bluesky": "bluesky", "iom-x": "x", "press-x": "x"}
TEXTS = """\
good-morning | Hyvää huomenta! Tänään {date} on {name}. Kerromme koko päivän, miltä muuttoliike Suomessa näyttää. | God morgon! I dag, {date}, är det {name}. Hela dagen berättar vi hur migrationen i Finland ser ut. | Good morning! Today, {date}, is {name}. All day we show what migration in Finland looks like.
in-numbers | Maailmassa on 281 miljoonaa siirtolaista: joka kolmaskymmenes ihminen. | I världen finns 281 miljoner migranter: var trettionde människa. | There are 281 million migrants in the world: one person in thirty.
a-nurse | Amina on sairaanhoitaja Oulussa. ”Ensimmäisenä talvena opin hiihtämään, toisena suomea.” | Amina är sjukskötare i Uleåborg. ”Första vintern lärde jag mig skida, den andra finska.” | Amina is a nurse in Oulu. “The first winter I learnt to ski, the second Finnish.”
at-school | Joka kymmenes koululainen puhuu kotona muuta kuin suomea, ruotsia tai saamea. | Var tionde elev talar hemma annat än finska, svenska eller samiska. | One pupil in ten speaks something other than Finnish, Swedish or Sámi at home.
press-briefing | Tiedotustilaisuus alkaa kello 10. Seuraa suoraa lähetystä: finland.iom.int/live | Presskonferensen börjar klockan 10. Följ direktsändningen: finland.iom.int/live | The press briefing begins at 10. Watch it live: finland.iom.int/live
first-question | Mistä ihmiset muuttavat Suomeen? Eniten Ukrainasta, Virosta, Intiasta ja Filippiineiltä. | Varifrån flyttar man till Finland? Mest från Ukraina, Estland, Indien och Filippinerna. | Where do people move to Finland from? Most come from Ukraine, Estonia, India and the Philippines.
a-bus-driver | Helsingin bussinkuljettajista joka toinen on syntynyt muualla. Kiitos, että pääsemme töihin. | Varannan busschaufför i Helsingfors är född annanstans. Tack för att vi kommer till jobbet. | Every other bus driver in Helsinki was born elsewhere. Thank you for taking us to work.
safe-routes | Yli 8 500 ihmistä kuoli matkalla viime vuonna. Turvalliset reitit ovat ihmisoikeus. | Över 8 500 människor dog på väg i fjol. Trygga vägar är en mänsklig rättighet. | More than 8,500 people died on their way last year. Safe routes are a human right.
a-founder | Omar perusti Turkuun leipomon. Nyt hän palkkaa kuudetta leipuria. | Omar grundade ett bageri i Åbo. Nu anställer han sin sjätte bagare. | Omar founded a bakery in Turku. Now he is hiring his sixth baker.
mid-morning-quiz | Kuinka moni suomalainen asuu ulkomailla? a) 30 000 b) 100 000 c) 300 000. Vastaus kello 12. | Hur många finländare bor utomlands? a) 30 000 b) 100 000 c) 300 000. Svaret kommer klockan 12. | How many Finns live abroad? a) 30,000 b) 100,000 c) 300,000. The answer comes at 12.
the-minister | Ministeri tapaa tänään maahan muuttaneita nuoria Oodissa. | Ministern träffar i dag inflyttade unga i Ode. | The minister meets young people who have moved here, at Oodi today.
quiz-answer | Oikea vastaus on c: noin 300 000 suomalaista asuu ulkomailla. Mekin muutamme. | Rätt svar är c: omkring 300 000 finländare bor utomlands. Vi flyttar också. | The answer is c: about 300,000 Finns live abroad. We move, too.
lunch | Karjalanpiirakka, samosa ja injera samalla pöydällä: lounas Hakaniemen hallissa. | Karelsk pirog, samosa och injera på samma bord: lunch i Hagnäs saluhall. | Karelian pasties, samosas and injera on one table: lunch at Hakaniemi market hall.
a-researcher | Tutkija Li Wei mittaa Sodankylässä revontulia ja opettaa lapsille tähtikuvioita. | Forskaren Li Wei mäter norrsken i Sodankylä och lär barn om stjärnbilder. | Researcher Li Wei measures northern lights in Sodankylä and teaches children the constellations.
remittances | Siirtolaiset lähettivät viime vuonna koteihinsa 650 miljardia dollaria, enemmän kuin kehitysapu. | Migranter skickade i fjol hem 650 miljarder dollar, mer än allt bistånd. | Migrants sent home 650 billion dollars last year, more than all development aid.
your-rights | Tunnetko oikeutesi työntekijänä? Neuvontaa 13 kielellä: finland.iom.int/rights | Känner du dina rättigheter som arbetstagare? Råd på 13 språk: finland.iom.int/rights | Do you know your rights as a worker? Advice in 13 languages: finland.iom.int/rights
a-student | ”Tulin vaihtoon vuodeksi. Se oli yksitoista vuotta sitten.” Lucía, Tampere | ”Jag kom på utbyte för ett år. Det var elva år sedan.” Lucía, Tammerfors | “I came on exchange for a year. That was eleven years ago.” Lucía, Tampere
climate | Ilmasto ajaa ihmisiä liikkeelle: 26 miljoonaa joutui lähtemään kotoaan säiden vuoksi. | Klimatet driver människor på flykt: 26 miljoner måste lämna sina hem på grund av väder. | The climate moves people: 26 million had to leave their homes because of the weather.
volunteers | Kiitos 1 200 vapaaehtoiselle, jotka opettavat kieltä, kävelevät ja kuuntelevat. | Tack till 1 200 frivilliga som lär ut språk, promenerar och lyssnar. | Thank you to the 1,200 volunteers who teach, walk and listen.
afternoon-talk | Kello 15: keskustelu kotoutumisesta Musiikkitalossa. Vapaa pääsy. | Klockan 15: samtal om integration i Musikhuset. Fritt inträde. | At 15: a talk about integration at the Music Centre. Free entry.
a-grandmother | ”Lapsenlapseni korjaavat suomeani. Minä korjaan heidän arabiaansa.” Samira, Espoo | ”Mina barnbarn rättar min finska. Jag rättar deras arabiska.” Samira, Esbo | “My grandchildren correct my Finnish. I correct their Arabic.” Samira, Espoo
going-home | Vapaaehtoinen paluu: autoimme viime vuonna 317 ihmistä palaamaan turvallisesti. | Frivillig återresa: i fjol hjälpte vi 317 människor att återvända tryggt. | Voluntary return: last year we helped 317 people to go home safely.
words-matter | Siirtolainen, pakolainen, turvapaikanhakija: mitä eroa? Lyhyt sanasto: finland.iom.int/words | Migrant, flykting, asylsökande: vad är skillnaden? En kort ordlista: finland.iom.int/words | Migrant, refugee, asylum seeker: what is the difference? A short glossary: finland.iom.int/words
a-footballer | HJK:n kapteeni aloitti pihapeleistä Itäkeskuksessa. | HJK:s kapten började med gårdsfotboll i Östra centrum. | The captain of HJK began in the yards of Itäkeskus.
cities | Kaksi kolmesta muuttajasta asuu kaupungissa. Miltä näyttää kaupunki, joka kuuluu kaikille? | Två av tre inflyttade bor i en stad. Hur ser en stad ut som hör till alla? | Two in three who move live in a city. What does a city that belongs to all look like?
film-night | Illan elokuva: ”Toivon tuolla puolen”. Keskustelu elokuvan jälkeen, Kino Regina. | Kvällens film: ”Hoppets andra sida”. Samtal efter filmen, Kino Regina. | Tonight's film: “The Other Side of Hope”. A talk afterwards, Kino Regina.
evening-news | Päivän luvut yhdessä kuvassa. Jaa se ystävälle: finland.iom.int/day | Dagens siffror i en bild. Dela den med en vän: finland.iom.int/day | The day's numbers in one picture. Share it with a friend: finland.iom.int/day
thank-you | Kiitos kaikille, jotka kertoivat tarinansa tänään. | Tack till alla som berättade sin historia i dag. | Thank you to everybody who told their story today.
good-night | Hyvää yötä. Joku on juuri nyt matkalla; toivotaan, että perille. | God natt. Någon är just nu på väg; vi hoppas att de kommer fram. | Good night. Somebody is on their way just now; may they arrive.
tomorrow | Huomenna jatkamme: tilastot, tarinat ja tallenteet ovat osoitteessa finland.iom.int | I morgon fortsätter vi: statistik, berättelser och inspelningar finns på finland.iom.int | Tomorrow we go on: figures, stories and recordings are at finland.iom.int
"""
CLOCKS = [f"{7 + number // 2:02}:{number % 2 * 30:02}" for number in range(30)]


def messages() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for clock, line in zip(CLOCKS, TEXTS.splitlines(), strict=True):
        name, *texts = (piece.strip() for piece in line.split("|"))
        found[name] = {"at": clock, "text": dict(zip(LANGUAGES, texts, strict=True))}
    found["press-briefing"]["accounts"] = ["press-x", "iom-mastodon"]
    found["words-matter"]["text"]["fi"] += (
        " Sanoilla on väliä: " + "ne kertovat, kenestä puhumme ja mitä hän tarvitsee. " * 2
    )
    return found


def write(folder: Path, **settings: Any) -> None:
    """The config, of consoles, and the campaign; JSON is YAML."""
    accounts = {
        name: {"platform": "console", "like": like, "languages": list(LANGUAGES)} for name, like in ACCOUNTS.items()
    }
    config = {"timezone": "Europe/Helsinki", "campaigns": "campaigns/", "accounts": accounts, **settings}
    campaign = {
        "campaign": {
            "fi": "Kansainvälinen siirtolaisten päivä",
            "sv": "Internationella migrantdagen",
            "en": "International Migrants Day",
        },
        "observance": "international-migrants-day",
        "editions": [2020],
        "languages": list(LANGUAGES),
        "accounts": "all",
        "hashtags": {"fi": ["SiirtolaistenPäivä"], "sv": ["Migrantdagen"], "en": ["MigrantsDay"]},
        "messages": messages(),
    }
    (folder / "campaigns").mkdir()
    for name, content in (("config.yaml", config), ("campaigns/migrants-day.yaml", campaign)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
