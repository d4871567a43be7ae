"""The page that `campaigner status` shows: what needs a person, then today, then what is ahead, a line a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from ..campaign.campaign import in_language
from ..engine.due import Kind, PostStatus, command_for_file, command_for_hold
from ..errors import CampaignerError, spelled
from ..preview.day_table import FIRST_WORDS, Drawing, Mark, Row
from ..preview.styled_text import Span
from .instants import written
from .status_posts import RUN, Standing, changed_since, command_for_account, commands_for

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from ..post.key import PostKey
    from .wiring import Workspace

    Line = Sequence[tuple[str, str | None]]

MOST_AHEAD = 40
"""Messages ahead that have a line each, unless somebody asks for a campaign: days after them have one."""
ONE_BY_ONE = 3
"""So many posts that need the same are named each; more are named together."""
MOST_COMMANDS = 10
LOOKS: Mapping[Kind, tuple[str, str | None]] = {
    Kind.PUBLISHED: ("✓", "good"),
    Kind.PLANNED: ("…", "dim"),
    Kind.AWAITING_APPROVAL: ("?", "warning"),
    Kind.HELD: ("!", "warning"),
    **dict.fromkeys((Kind.DUE, Kind.CLAIMED, Kind.SENDING), ("→", None)),
    **dict.fromkeys((Kind.CANCELLED, Kind.SKIPPED, Kind.DELETED), ("–", "dim")),
}
"""The sign and the style of what a post is."""
ELSE = "!", "error"
SAY_NO_MORE = "!–"
"""Signs in place of which a word stands where there is room for it."""
MEANINGS = {
    "✓": "it is out",
    "…": "its time comes",
    "→": "due, or on its way",
    "?": "awaits approval",
    "!": "needs a person",
    "–": "goes out no more",
}


class Page:
    """Lines of one look. Every time is the office's. `with_past`: also the days that are over. `notes`: more of some posts."""

    def __init__(
        self,
        workspace: Workspace,
        standing: Standing,
        *,
        with_past: bool,
        notes: Mapping[PostKey, Sequence[str]] | None = None,
    ) -> None:
        self._workspace = workspace
        self._standing = standing
        self._with_past = with_past
        self._zone = workspace.zone()
        self._today = standing.now.astimezone(self._zone).date()
        terminal = workspace.terminal
        width = terminal.columns if terminal.is_terminal else 10**6
        self._drawing = Drawing(width, spacious=notes is not None and terminal.is_terminal)
        self._more = notes or {}
        self._order = {name: place for place, name in enumerate(workspace.config.accounts)}

    def attention(self) -> list[Line]:
        """Only what needs a person."""
        return [*self._head(), *(self._needs(one_by_one=True) or [[("nothing needs a person", "good")]])]

    def whole(self) -> list[Line]:
        """All of it."""
        lines, needs = self._head(), self._needs(one_by_one=False)
        lines += [[], [("Needs a person", "title")], *needs] if needs else [[(self._nothing_needed(), None)]]
        days = {day: list(posts) for day, posts in groupby(self._standing.posts, key=self._day)}
        if self._today in days:
            lines += [[], [(f"Today, {self._name(self._today)}", "title")], *self._messages(days[self._today])]
        lines += self._ahead({day: posts for day, posts in days.items() if day > self._today})
        over = {day: posts for day, posts in days.items() if day < self._today}
        if self._with_past:
            for day in sorted(over, reverse=True):
                lines += [[], [(self._name(day), "title")], *self._messages(over[day])]
        elif over:
            lines += [[], [(f"{_count(len(over), 'day')} before today: --past shows them", "dim")]]
        return [*lines, *([[], *legend] if (legend := self._legend(lines)) else [])]

    def days(self) -> list[Line]:
        """Nothing but every message under its day."""
        lines: list[Line] = []
        for day, posts in groupby(self._standing.posts, key=self._day):
            lines += [[(self._name(day), "title")], *self._messages(posts), []]
        return [*lines, *self._legend(lines)]

    def _legend(self, lines: Sequence[Line]) -> list[Line]:
        """What the marks mean, each that there is; programs know but for one."""
        found = {text for line in lines for text, _ in line}
        known = MEANINGS if self._workspace.terminal.is_terminal else {"?": MEANINGS["?"]}
        shown = [f"{sign} {meaning}" for sign, meaning in known.items() if sign in found]
        return [[("   ".join(shown), "dim")]] if shown else []

    # The head

    def _head(self) -> list[Line]:
        run, is_at_work = self._standing.run, self._standing.facts.is_at_work
        if run is None:
            state = "campaigner has not run here yet"
        elif is_at_work:
            state = f"running since {self._when(run.started_at)} (process {run.pid})"
        else:
            state = f"not running; it last ran {self._when(run.seen_at)}"
        return [[(f"{state} · all times are of {self._zone}", None)]]

    def _nothing_needed(self) -> str:
        ahead = self._standing.ahead
        if ahead is None:
            return "nothing needs a person" if self._standing.posts else "nothing is planned"
        return (
            f"nothing needs a person; the next post goes out {self._when(ahead.due_at)}: "
            f"{ahead.key.message} {self._first_words([ahead])}".rstrip()
        )

    # What needs a person

    def _needs(self, *, one_by_one: bool) -> list[Line]:
        """`one_by_one`: each post with its own command, but for approvals, which a preview asks for together."""
        standing = self._standing
        lines = [line for need in self._needs_of_all() for line in _with_command(*need)]
        told = {alert.key for alert in standing.other_alerts}
        needing = [post for post in standing.needing if str(post.key) not in told]
        for posts in self._alike(needing, one_by_one=one_by_one):
            lines.extend(self._need(posts))
        return lines

    def _needs_of_all(self) -> Iterator[tuple[str, str, str, str]]:
        """What is no single post's: words, their style, more words, and what to type."""
        standing = self._standing
        if standing.due:
            verb = "is" if standing.due == 1 else "are"
            yield f"not running, and {_count(standing.due, 'post')} {verb} due", "error", "", RUN
        if standing.hold_file is not None:
            yield standing.hold_file, "warning", "", command_for_file(standing.hold_file)
        for hold in standing.holds:
            ends = f", until {self._when(hold.until)}" if hold.until else ""
            yield (
                "on hold: ",
                "warning",
                f"{hold.scope}, by {hold.given_by}{ends}: {hold.reason}",
                command_for_hold(hold),
            )
        for state in standing.stopped:
            what = f"account {state.account}: {state.stopped_reason}"
            yield "stopped: ", "error", what, command_for_account(state.account)
        for alert in standing.other_alerts:
            yield alert.text, "warning", "", alert.command

    def _alike(self, posts: Iterable[PostStatus], *, one_by_one: bool) -> Iterator[list[PostStatus]]:
        """Posts of an edition that need the same for the same reason; few of them one by one, unless one command is for all."""

        def need(post: PostStatus) -> tuple[object, ...]:
            state = post.state
            return (*post.key[:2], state.kind, state.reason, state.command.replace(str(post.key), "KEY"))

        groups: dict[tuple[object, ...], list[PostStatus]] = {}
        for post in posts:
            groups.setdefault(need(post), []).append(post)
        for group in groups.values():
            is_many = len(group) > ONE_BY_ONE and not one_by_one
            is_approval = group[0].state.kind is Kind.AWAITING_APPROVAL
            if is_many or is_approval or len({post.state.command for post in group}) == 1:
                yield group
            else:
                yield from ([post] for post in group)

    def _need(self, posts: Sequence[PostStatus]) -> Iterator[Line]:
        first, messages = posts[0], {post.key[:3] for post in posts}
        key, state = first.key, first.state
        name = "/".join(key[: 5 if len(posts) == 1 else 3 if len(messages) == 1 else 2])
        where = [(f"{self._when(first.due_at)}  ", None), (name, "strong")]
        what = self._first_words(posts) if len(messages) == 1 else f"from then on {_count(len(messages), 'message')}"
        whose = "" if len(posts) == 1 else f"  {_count(len(posts), 'post')}"
        yield [(f"{_in_words(state.kind)}  ", LOOKS.get(state.kind, ELSE)[1]), *where, (f"  {what}{whose}", None)]
        again = f"tried again {self._when(state.until)}" if state.until else ""
        if reason := " · ".join(filter(None, (state.reason, again))):
            yield [(f"    {reason}", None)]
        for command in self._commands(posts):
            yield [("    ", None), (command, "dim")]

    def _commands(self, posts: Sequence[PostStatus]) -> list[str]:
        commands = list(dict.fromkeys(post.state.command for post in posts))
        if " approve " in commands[0] or (len(commands) > ONE_BY_ONE and " resolve " not in commands[0]):
            commands = commands_for({str(post.key): post.state.command for post in posts}, self._standing.keys)
        more = len(commands) - MOST_COMMANDS
        return commands[:MOST_COMMANDS] + ([f"and {more} more: --json has them all"] if more > 0 else [])

    # A line a message

    def _ahead(self, days: dict[date, list[PostStatus]]) -> Iterator[Line]:
        """The nearest days message by message, the others in a line each."""
        shown = 0
        for day, posts in days.items():
            messages = len({(post.due_at, *post.key[:3]) for post in posts})
            yield []
            if not shown or self._with_past or shown + messages <= MOST_AHEAD:
                shown += messages
                yield [(self._name(day), "title")]
                yield from self._messages(posts)
            else:
                shown = MOST_AHEAD
                editions = ", ".join(dict.fromkeys("/".join(post.key[:2]) for post in posts))
                what = f"  {editions}: {_count(messages, 'message')}, {_count(len(posts), 'post')}"
                yield [(self._name(day), "title"), (what, None)]

    def _messages(self, posts: Iterable[PostStatus]) -> Iterator[Line]:
        """The messages of a day, an edition after the other wherever they change."""
        messages: dict[tuple[datetime, tuple[str, ...]], list[PostStatus]] = {}
        for post in posts:
            messages.setdefault((post.due_at, post.key[:3]), []).append(post)
        for edition, rows in groupby(messages.values(), key=lambda of_one: of_one[0].key[:2]):
            yield from self._drawing.table("/".join(edition), list(map(self._row, rows)))

    def _row(self, posts: Sequence[PostStatus]) -> Row:
        first = posts[0]
        in_order = sorted(posts, key=self._place)
        below: dict[Span, list[str]] = {}
        for post in in_order:
            for note in self._notes(post):
                below.setdefault(note, []).append(f"{post.key.account} {post.key.language}")
        return Row(
            f"{first.due_at.astimezone(self._zone):%H:%M}",
            first.key.message,
            self._words(posts),
            [self._mark(post) for post in in_order],
            [
                Span(note if len(of) == len(posts) > 1 else f"{', '.join(of)}: {note}", style)
                for (note, style), of in below.items()
            ],
        )

    def _mark(self, post: PostStatus) -> Mark:
        state = post.state
        sign, style = LOOKS.get(state.kind, ELSE)
        word = _in_words(state.kind) if sign in SAY_NO_MORE else sign
        if state.kind is Kind.PLANNED and state.reason:
            word, (sign, style) = "on hold", LOOKS[Kind.HELD]
        return Mark(self._place(post), post.key.account, post.key.language, word, sign, style)

    def _notes(self, post: PostStatus) -> Iterator[Span]:
        yield from (Span(note, "warning") for note in self._more.get(post.key, ()))
        state = post.state
        if state.kind is Kind.DUE and not state.command:
            again = f"tried again {self._when(state.until)}" if state.until else ""
            note = " · ".join(filter(None, (state.reason, again)))
        else:
            note = changed_since(self._workspace, post)
        if note:
            yield Span(note, "dim")

    # Words

    def _words(self, posts: Sequence[PostStatus]) -> str:
        """The text of a message, in the language that it was written in first."""
        slots = {post.key.language: post.slot for post in posts if post.slot is not None}
        if not slots:
            return ""
        order = next(iter(slots.values())).campaign.languages
        language = next((one for one in order if one in slots), next(iter(slots)))
        return self._text(slots[language])

    def _text(self, slot: Slot) -> str:
        """The beginning of a post's text, in one line; composed only where a word in braces is filled in."""
        text = in_language(slot.message.text, slot.languages[0]) or ""
        if "{" in text:
            try:
                text = self._workspace.compose(slot).parts[0].text
            except CampaignerError:
                return ""
        return spelled(" ".join(text.split()))

    def _first_words(self, posts: Sequence[PostStatus]) -> str:
        return self._drawing.quoted(self._words(posts), FIRST_WORDS)

    def _place(self, post: PostStatus) -> tuple[int, str, int, str]:
        """Accounts in the config's order, their languages in the campaign's."""
        account, language = post.key.account, post.key.language
        languages = post.slot.campaign.languages if post.slot is not None else ()
        first = language.split("+")[0]
        place = languages.index(first) if first in languages else len(languages)
        return self._order.get(account, len(self._order)), account, place, language

    def _day(self, post: PostStatus) -> date:
        return post.due_at.astimezone(self._zone).date()

    def _name(self, day: date) -> str:
        year = "" if day.year == self._today.year else f" {day.year}"
        return f"{day:%A} {day.day} {day:%B}{year}"

    def _when(self, instant: datetime) -> str:
        return written(instant, self._zone, self._standing.now)


def show_days(
    workspace: Workspace,
    posts: Sequence[PostStatus],
    now: datetime,
    notes: Mapping[PostKey, Sequence[str]] | None = None,
) -> None:
    """Show these posts and nothing else, a line a message."""
    standing = Standing(now, posts=posts)
    workspace.terminal.page(Page(workspace, standing, with_past=True, notes=notes).days(), clears=False)


def _with_command(words: str, style: str, more: str, command: str) -> list[Line]:
    return [[(words, style), (more, None)], [("    ", None), (command, "dim")]]


def _in_words(kind: Kind) -> str:
    return str(kind) if kind is Kind.IN_DOUBT else str(kind).replace("-", " ")


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
