"""Master data of the catalogue: the classification that codes come from, and words that mean the same."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from audit import services as audit
from catalog import codes, folding
from catalog.models import Category, Directory, Synonym
from organizations.actors import AnyActor
from organizations.errors import BadInput, Conflict
from organizations.models import Jurisdiction
from organizations.policies import require_administrator, require_any_administrator


def check_category(
    *, jurisdiction: Jurisdiction, directory: str, code: str, title: str, parent: Category | None = None
) -> None:
    """Raises BadInput (`code`, `title`, `directory`, `parent`), or Conflict when the code is taken."""
    problems: dict[str, object] = {}
    if directory not in Directory.values:
        problems["directory"] = _("Choose one of the directories.")
    elif wrong := codes.scheme().problem_of(codes.scheme().resource_code(code.strip(), 1), directory):
        problems["code"] = wrong
    if not title.strip():
        problems["title"] = _("Give the category a title.")
    if parent is not None and (parent.jurisdiction_id, parent.directory) != (jurisdiction.pk, directory):
        problems["parent"] = _("The category above must be of the same directory.")
    if problems:
        raise BadInput(_("Some entries are missing or wrong."), problems)
    if Category.objects.filter(jurisdiction=jurisdiction, code=code.strip()).exists():
        raise Conflict(_("There is a category with this code already."))


@transaction.atomic
def register_category(
    actor: AnyActor,
    *,
    jurisdiction: Jurisdiction,
    directory: str,
    code: str,
    title: str,
    parent: Category | None = None,
) -> Category:
    """Add a node of a directory's classification. Raises as check_category."""
    require_administrator(actor, jurisdiction.pk)
    check_category(jurisdiction=jurisdiction, directory=directory, code=code, title=title, parent=parent)
    category = Category.objects.create(
        jurisdiction=jurisdiction, directory=directory, code=code.strip(), title=title.strip(), parent=parent
    )
    _record(actor, "category.register", category)
    return category


@transaction.atomic
def rename_category(actor: AnyActor, *, category: Category, title: str) -> Category:
    """Give a category another title; its code stays, because resource codes begin with it."""
    locked = Category.objects.select_for_update(of=("self",)).get(pk=category.pk)
    require_administrator(actor, locked.jurisdiction_id)
    if not title.strip():
        raise BadInput(_("Some entries are missing or wrong."), {"title": _("Give the category a title.")})
    locked.title = title.strip()
    locked.save(update_fields=["title"])
    _record(actor, "category.rename", locked)
    return locked


def _record(actor: AnyActor, verb: str, category: Category) -> None:
    data = {"code": category.code, "title": category.title, "directory": category.directory}
    audit.record(verb=verb, who=actor.who, subject="category", subject_id=str(category.pk), data=data)


def check_synonym(*, word: str, same_as: str) -> None:
    """Raises BadInput unless these are two words, Conflict when they are known to mean the same."""
    pair = [folding.fold(word), folding.fold(same_as)]
    if not all(pair) or pair[0] == pair[1] or any(" " in one for one in pair):
        wrong = _("Give two different words without spaces.")
        raise BadInput(wrong, {"same_as": wrong})
    if Synonym.objects.filter(word__in=pair, same_as__in=pair).exists():
        raise Conflict(_("These two are known to mean the same."))


@transaction.atomic
def add_synonym(actor: AnyActor, *, word: str, same_as: str) -> Synonym:
    """From now on a search for either word finds the other too, in every jurisdiction. Raises as check_synonym."""
    require_any_administrator(actor)
    check_synonym(word=word, same_as=same_as)
    synonym = Synonym.objects.create(word=folding.fold(word), same_as=folding.fold(same_as))
    _record_synonym(actor, "synonym.add", synonym)
    return synonym


@transaction.atomic
def remove_synonym(actor: AnyActor, *, synonym: Synonym) -> None:
    """The two words are searched apart again."""
    require_any_administrator(actor)
    _record_synonym(actor, "synonym.remove", synonym)
    synonym.delete()


def _record_synonym(actor: AnyActor, verb: str, synonym: Synonym) -> None:
    data = {"word": synonym.word, "same_as": synonym.same_as}
    audit.record(verb=verb, who=actor.who, subject="synonym", subject_id=str(synonym.pk), data=data)
