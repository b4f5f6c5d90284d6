"""The law pages: packs, rules, procedures, the calendar, the calculator. Open to everybody who is signed in."""

from statutes.views.calculator import calculator as calculator
from statutes.views.calendar import calendar as calendar
from statutes.views.comparison import compare as compare
from statutes.views.comparison import coverage as coverage
from statutes.views.packs import index as index
from statutes.views.packs import instrument as instrument
from statutes.views.packs import pack as pack
from statutes.views.packs import rule as rule
from statutes.views.packs import search as search
from statutes.views.procedures import procedure as procedure
