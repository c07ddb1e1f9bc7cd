"""The dry run of running exchanges: each row with the others and with what is here. Reads only."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from mobility.aid import queries as aid_queries
from mobility.aid import rules as aid
from mobility.aid.rules import Aid, Standing
from mobility.asking.rules import case_of
from mobility.core.money import written
from mobility.core.names import name_key
from mobility.core.wording import format_days
from mobility.exchanges.states import COMPLETED
from mobility.movingin import queries, rules
from mobility.movingin.kinds import NONE, STATES
from mobility.movingin.rules import Arrival
from mobility.people.interest import Asked
from mobility.people.models import Organisation, User
from mobility.programmes.models import BudgetLine, Programme
from mobility.rates import queries as rate_queries
from mobility.rates.rules import estimate
from mobility.spreadsheets.cells import Wrong
from mobility.spreadsheets.columns import Row
from mobility.vouchers.states import DRAFT, REQUESTED

MOST_EXCHANGES = 500  # of one file: each writes some twenty rows, all of them in one transaction
Tell = Callable[[Row, str, str], None]


@dataclass
class Look:
    """`fault` stands against entering, `warn` is to be looked at, `same` says that a row is here already."""

    programme: Programme
    by: User
    fault: Tell
    warn: Tell
    same: Callable[[Row, str, str], None]

    def arrivals(self, rows: Sequence[Row]) -> list[Arrival]:
        """What would be entered: nothing of a row with a fault."""
        if len(rows) > MOST_EXCHANGES:
            self.fault(
                rows[MOST_EXCHANGES], "guest", f"Move in at most {MOST_EXCHANGES} exchanges in one file; this is one more."
            )
            return []
        self.today, self.currency = self.programme.today, self.programme.currency
        self._read(rows)
        return [arrival for row in rows if (arrival := self._arrival(row)) and not row.wrong]

    def _read(self, rows: Sequence[Row]) -> None:
        self.organisations, self.themes = queries.organisations(), queries.themes(self.programme.id)
        self.accounts = queries.accounts({row.facts["guest"] for row in rows if "guest" in row.facts})
        guests = {each.id for each in self.accounts.values()}
        self.acting, self.stays = queries.acting_for(guests), queries.stays(guests)
        self.lines = queries.lines(self.programme.id)
        self.card = rate_queries.newest_rate_card(self.programme.id)
        self.paid = queries.payments({row.facts["payment"] for row in rows if "payment" in row.facts})
        self.references: dict[str, int] = {}
        self.wanted: dict[int, Decimal] = defaultdict(Decimal)
        self.taken: dict[int, int] = defaultdict(int)
        self.aid: dict[int, list[Aid]] = {}

    def _arrival(self, row: Row) -> Arrival | None:
        for key, right in rules.problems(row.facts, self.today):
            self.fault(row, key, right)
        host, home = (self._organisation(row, key) for key in ("host", "organisation"))
        if host is not None and host is home:
            self.fault(row, "organisation", "Host and guest organisation are the same.")
            home = None
        theme = self._theme(row, host)
        guest = self._guest(row, home)
        travellers = self._travellers(row, guest)
        self._interest(row, guest, host, home)
        if row.wrong or not (host and home and theme and guest):
            self._money(row)
            return None
        if self._is_here(row, guest, host):
            return None
        arrival = self._plain(row, theme.id, host, home, guest, travellers)
        self._place(row, theme, arrival)
        arrival = self._with_money(row, arrival, host, home)
        return None if row.wrong else arrival

    def _plain(self, row: Row, theme_id: int, host: Organisation, home: Organisation, guest: User, travellers: Any) -> Arrival:
        facts = row.facts
        return Arrival(
            sheet=row.sheet,
            row=row.number,
            theme_id=theme_id,
            host_id=host.id,
            organisation_id=home.id,
            guest_id=guest.id,
            travellers=travellers,
            first_day=facts["first_day"],
            last_day=facts["last_day"],
            state=facts["state"],
            agreed_on=facts["agreed_on"],
            voucher=rules.voucher_state(facts["state"], facts["voucher"]),
            days={key: facts[key] for key in ("asked_on", "granted_on", "valid_until", "paid_on") if key in facts},
            payment=facts.get("payment", ""),
            number=facts.get("number", ""),
            objectives=facts.get("objectives", ""),
        )

    # Who and where

    def _organisation(self, row: Row, key: str) -> Organisation | None:
        named = row.facts.get(key)
        if named is None:
            return None
        found = self.organisations.get(name_key(named))
        if found is None:
            self.fault(row, key, "There is no organisation of this name here. Move it in first, or write its name as it is here.")
        elif found.closed_at is not None:
            self.fault(row, key, f"{found.name} is closed. Name the organisation that goes on.")
            return None
        return found

    def _theme(self, row: Row, host: Organisation | None) -> Any | None:
        title = row.facts.get("theme")
        if title is None or host is None:
            return None
        found = self.themes.get((host.id, name_key(title)))
        if found is None:
            where = f"{host.name} has no theme of this title in {self.programme.name}"
            self.fault(row, "theme", f"{where}. Write its title as it is here, or move in the themes first.")
        return found

    def _guest(self, row: Row, home: Organisation | None) -> User | None:
        email = row.facts.get("guest")
        if email is None:
            return None
        found = self.accounts.get(email)
        if found is None or not found.active:
            self.fault(
                row, "guest", "Nobody has an open account with this address. Invite them into the guest organisation first."
            )
            return None
        if home is not None:
            acts = self.acting.get((found.id, home.id))
            if acts is None:
                self.fault(row, "guest", f"{found.name} is neither a guest nor a coordinator of {home.name}. Invite them first.")
            elif not acts:
                self.warn(row, "guest", f"{found.name} has not accepted the role yet, and can act only from then on.")
        return found

    def _travellers(self, row: Row, guest: User | None) -> tuple[tuple[str, str, str], ...]:
        level = row.facts.get("level") or (guest.level if guest else None)
        if guest is None:
            return ()
        if not level:
            self.fault(row, "level", f"Write the level: the account of {guest.name} names none.")
        try:
            others = rules.others_of(row.facts.get("others", ""))
        except Wrong as wrong:
            self.fault(row, "others", str(wrong))
            return ()
        addresses = [guest.email, *(email for _, email in others if email)]
        if len(set(addresses)) < len(addresses):
            self.fault(row, "others", "Two of those who travel have the same address. Each has their own.")
        return tuple((name, email, level or "") for name, email in [(guest.name, guest.email), *others])

    def _interest(self, row: Row, guest: User | None, host: Organisation | None, home: Organisation | None) -> None:
        """Nobody moves in what they have a part in: what is granted would be their own word."""
        names = {
            guest.name if guest else "",
            *(each.partition("<")[0].strip() for each in row.facts.get("others", "").split(";")),
        }
        if (
            (guest is not None and guest.id == self.by.id)
            or self.by.name in names
            or self.by.email in row.facts.get("others", "")
        ):
            self.fault(row, "guest", f"{self.by.name} travels. Another owner must move this in.")
            return
        asked = Asked(self.programme.timezone, row.facts.get("agreed_on"), row.facts.get("asked_on"))
        places = {each.id: key for each, key in ((host, "host"), (home, "organisation")) if each is not None}
        for held in self.by.ever_in(set(places)):
            if asked.counts(held):
                self.fault(
                    row, places[held.organisation_id or 0], f"{asked.told(self.by.name, held)}. Another owner must move this in."
                )
                return

    def _is_here(self, row: Row, guest: User, host: Organisation) -> bool:
        """A stay counts once: for the programme that pays, and only there."""
        first, last = row.facts["first_day"], row.facts["last_day"]
        for each in self.stays[guest.id]:
            if each.first_day <= last and first <= each.last_day:
                days = format_days((each.first_day, each.last_day))
                if each.host_id == host.id and each.programme == self.programme.name and each.first_day == first:
                    self.same(row, f"{guest.name}, {days}", "is here already for this host, and is left as it is")
                else:
                    self.fault(row, "first_day", f"{guest.name} has another stay on these days, {days}, in {each.programme}.")
                return True
        self.stays[guest.id].append(queries.Stay(guest.id, first, last, host.id, self.programme.name))
        return False

    def _place(self, row: Row, theme: Any, arrival: Arrival) -> None:
        if arrival.state == COMPLETED:
            return
        if theme.free <= self.taken[theme.id]:
            self.fault(row, "theme", "All places of this theme are taken. Its host has to offer more first.")
        self.taken[theme.id] += 1

    # Money

    def _with_money(self, row: Row, arrival: Arrival, host: Organisation, home: Organisation) -> Arrival:
        if arrival.voucher in {"", DRAFT}:
            for key in ("amount", "granted_on", "paid_on", "payment"):
                if key in row.facts:
                    self.fault(row, key, f"Leave this empty, or say how far the voucher has come: {_said(row)}.")
            return arrival
        line, amount, paid = self._money(row)
        if line is None or amount is None:
            return arrival
        arrival = replace(arrival, line_id=line.id, amount=amount, paid=paid)
        self._hold(row, line, arrival)
        self._ceiling(row, arrival, home)
        self._compare(row, arrival, host, home)
        return arrival

    def _money(self, row: Row) -> tuple[BudgetLine | None, Decimal | None, Decimal | None]:
        """The line that pays, what was granted, and what was paid; each told where it is wrong."""
        if row.facts.get("voucher") in {None, NONE, DRAFT}:
            return None, None, None
        line, amount = self._line(row), self._amount(row, "amount")
        if amount is None and "amount" not in row.facts:
            self.fault(row, "amount", "Write the amount, as it was granted or asked for.")
        paid = None
        if row.facts["voucher"] == "paid":
            paid = self._amount(row, "paid_amount") if "paid_amount" in row.facts else amount
            if paid and amount and paid > amount:
                self.fault(row, "paid_amount", f"At most {written(amount, self.currency)} was granted.")
            self._reference(row)
        return line, amount, paid

    def _amount(self, row: Row, key: str) -> Decimal | None:
        if key not in row.facts:
            return None
        try:
            return rules.amount_of(row.facts[key], self.currency)
        except Wrong as wrong:
            self.fault(row, key, str(wrong))
            return None

    def _line(self, row: Row) -> BudgetLine | None:
        named = row.facts.get("call")
        if named is None and len(self.lines) != 1:
            self.fault(row, "call", f"Write which call of {self.programme.name} pays.")
            return None
        key = name_key(named) if named is not None else next(iter(self.lines))
        if key not in self.lines:
            self.fault(row, "call", f"{self.programme.name} has no call of this name.")
        elif self.lines[key] is None:
            self.fault(row, "call", "This call has no budget line for mobility vouchers. Add one first.")
        return self.lines.get(key)

    def _reference(self, row: Row) -> None:
        reference = row.facts.get("payment")
        if reference is None:
            return
        if reference in self.paid:
            self.fault(row, "payment", "Something was paid under this reference already. Each payment is entered once.")
        elif earlier := self.references.get(reference):
            self.fault(row, "payment", f"Row {earlier} has this reference, too. Each payment is entered once.")
        self.references.setdefault(reference, row.number)

    def _hold(self, row: Row, line: BudgetLine, arrival: Arrival) -> None:
        """The budget must have it, with all that stands in earlier rows."""
        left = line.available - self.wanted[line.id]
        if arrival.taken_from_budget > left:
            there, needed = (written(each, self.currency) for each in (max(left, Decimal(0)), arrival.taken_from_budget))
            with_earlier = " after the rows before this" if self.wanted[line.id] else ""
            self.fault(row, "amount", f"The budget line “{line.name}” has {there} left{with_earlier}; {needed} is needed.")
        self.wanted[line.id] += arrival.taken_from_budget

    def _ceiling(self, row: Row, arrival: Arrival, home: Organisation) -> None:
        """De minimis: what the organisation has here, with all that stands in earlier rows. What is asked for is only told of: it
        is looked at again when it is granted."""
        ceiling, granted = self.programme.de_minimis_ceiling, arrival.days.get("granted_on")
        counted = aid.counts(arrival.voucher, granted, self.today)
        if ceiling is None or not (counted or arrival.voucher == REQUESTED):
            return
        if home.id not in self.aid:
            self.aid |= aid_queries.recorded({home.id}, self.today)
        amount = arrival.amount if arrival.paid is None else arrival.paid
        known = Standing(ceiling, self.today, tuple(self.aid[home.id]), currency=self.currency)
        if known.over(amount) > 0:
            tell = self.fault if counted else self.warn
            tell(row, "amount", f"{aid.beyond(known, home.name, amount)} The rows before this are counted.")
        if counted:
            self.aid[home.id].append(Aid(0, granted, amount))

    def _compare(self, row: Row, arrival: Arrival, host: Organisation, home: Organisation) -> None:
        """What the rates here would give is told, and never put in its place."""
        if self.card is None:
            return
        stay: Any = SimpleNamespace(host=host, guest_organisation=home, delegates=arrival.travellers)
        stay.first_day, stay.last_day = arrival.first_day, arrival.last_day
        found = estimate(self.card.components, replace(case_of(stay), currency=self.currency))
        if found.refusal and found.depends:
            return
        if found.refusal:
            self.warn(row, "amount", f"By the rates here this stay would get nothing: {found.refusal} The amount stays as it is.")
        elif found.total != arrival.amount:
            computed, more = written(found.total, self.currency), arrival.amount - found.total
            differs = f"{written(abs(more), self.currency)} {'less' if more > 0 else 'more'}"
            words = f"The rates here come to {computed}, {differs}. The amount is taken over as it is."
            self.warn(row, "amount", words)


def _said(row: Row) -> str:
    return f"the exchange is {STATES[row.facts['state']].lower()}"
