"""What one procedure may refer to, seen from one pack: the ground on which its checks stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from statutes import vocabulary
from statutes.definitions import CompiledPack, Hand, Input, Procedure, Rule
from statutes.loader import LoadedPack, Place, Report, join, nearest


@dataclass(frozen=True, slots=True)
class Scope:
    """A procedure, the pack that it is looked up from, and what the installed apps know of its family."""

    compiled: CompiledPack
    procedure: Procedure
    place: Place
    report: Report
    names: vocabulary.Vocabulary | None

    def at(self, key: str, named: str = "") -> Place:
        place = self.place.at(key)
        return place.named(named) if named else place

    def problem(self, key: str, named: str, message: str, mend: str) -> None:
        self.report.add(self.at(key, named), message, mend)

    def known(self, key: str, named: str, name: str, names: Iterable[str], what: str) -> bool:
        """Whether `name` is among `names`; reported if not."""
        names = list(names)
        if name in names:
            return True
        self.problem(key, named, f"There is no {what} “{name}”.", nearest(name, names))
        return False

    def rule(self, key: str, named: str, rule_id: str) -> Rule | None:
        """The nearest rule of that id; an unknown one is reported."""
        try:
            return self.compiled.rule(rule_id)
        except KeyError:
            self.known(key, named, rule_id, {rule.id for pack in self.compiled.chain for rule in pack.rules}, "rule")
            return None

    def input(self, key: str, named: str, name: str) -> Input | None:
        try:
            return self.compiled.input(self.procedure, name)
        except KeyError:
            known = set(self.procedure.inputs).union(*(pack.inputs for pack in self.compiled.chain))
            self.known(key, named, name, known, "input")
            return None

    def hands(self, key: str, named: str, hands: Iterable[Hand]) -> None:
        """Each hand is a known position of a party or organ, or a party of persons."""
        for hand in hands:
            if not self.known(key, named, hand.party, self.parties(), "party"):
                continue
            party = self.procedure.parties.get(hand.party)
            if party is not None and party.persons:
                if hand.position:
                    self.problem(
                        key, named, f"“{hand.party}” are persons and hold no position.", "Name the party alone."
                    )
            else:
                self.known(key, named, hand.position, vocabulary.POSITIONS, "position")

    def parties(self) -> set[str]:
        return {*self.procedure.parties, *self.compiled.organs()}

    def events(self) -> set[str]:
        """Everything that a clock may start or end on."""
        procedure = self.procedure
        return {*procedure.actions, *procedure.states, *(f"due:{clock}" for clock in procedure.clocks)}


def scopes(chain: Sequence[LoadedPack], report: Report) -> Iterator[Scope]:
    """Every procedure that can be opened under a pack: its own, and those of ancestors that it does not replace."""
    compiled = join(chain)
    taken: set[str] = set()
    for link in chain:
        for procedure in link.pack.procedures:
            if procedure.id not in taken:
                names = vocabulary.family(procedure.family)
                yield Scope(compiled, procedure, link.place_of(procedure), report, names)
        taken |= {procedure.id for procedure in link.pack.procedures}
