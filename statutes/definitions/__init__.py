"""What a compiled rule pack consists of: immutable values, no database, no Django.

The loader makes them from TOML, the case engine reads them. Field for field they follow the format
described in docs/adding-a-rule-pack.md; shorthands of the format (a state's own `limit`, a plain name as
a condition) are already expanded here.
"""

from statutes.definitions.conditions import All as All
from statutes.definitions.conditions import Any as Any
from statutes.definitions.conditions import CasesAre as CasesAre
from statutes.definitions.conditions import Choice as Choice
from statutes.definitions.conditions import ClockIs as ClockIs
from statutes.definitions.conditions import ClockStatus as ClockStatus
from statutes.definitions.conditions import Cond as Cond
from statutes.definitions.conditions import InputIs as InputIs
from statutes.definitions.conditions import Not as Not
from statutes.definitions.conditions import Option as Option
from statutes.definitions.conditions import OverThreshold as OverThreshold
from statutes.definitions.conditions import Taken as Taken
from statutes.definitions.conditions import Test as Test
from statutes.definitions.packs import CompiledPack as CompiledPack
from statutes.definitions.packs import Pack as Pack
from statutes.definitions.packs import ResolvedLimit as ResolvedLimit
from statutes.definitions.packs import Transition as Transition
from statutes.definitions.procedures import Action as Action
from statutes.definitions.procedures import ActionKind as ActionKind
from statutes.definitions.procedures import Clock as Clock
from statutes.definitions.procedures import Exit as Exit
from statutes.definitions.procedures import Extends as Extends
from statutes.definitions.procedures import Hand as Hand
from statutes.definitions.procedures import Input as Input
from statutes.definitions.procedures import InputType as InputType
from statutes.definitions.procedures import Opener as Opener
from statutes.definitions.procedures import Opens as Opens
from statutes.definitions.procedures import Organ as Organ
from statutes.definitions.procedures import Party as Party
from statutes.definitions.procedures import Procedure as Procedure
from statutes.definitions.procedures import Reminder as Reminder
from statutes.definitions.procedures import Schedule as Schedule
from statutes.definitions.procedures import State as State
from statutes.definitions.rules import Bound as Bound
from statutes.definitions.rules import Every as Every
from statutes.definitions.rules import Handler as Handler
from statutes.definitions.rules import HandlerKind as HandlerKind
from statutes.definitions.rules import Instrument as Instrument
from statutes.definitions.rules import Kind as Kind
from statutes.definitions.rules import Limit as Limit
from statutes.definitions.rules import Range as Range
from statutes.definitions.rules import Rule as Rule
from statutes.definitions.rules import Text as Text
from statutes.definitions.rules import Threshold as Threshold
from statutes.definitions.rules import Treatment as Treatment
from statutes.definitions.rules import Unit as Unit
