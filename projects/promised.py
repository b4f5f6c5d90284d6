"""Whether a project keeps what its sharing plan promised: read from catalogue, data and sharing, never ticked by hand.

Four lights for each promise to produce data: its entry is published, its data is loaded, it is as new as was promised,
and the portal can deliver it. Decision 0011 says what each means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import freshness
from catalog.models import Resource, SharingClass, SharingMethod
from datasets.models import Dataset
from projects.models import Project, SharingPromise
from sharing.models import METHODS_OF, Grant

ON, OFF, UNASKED = "on", "off", "unasked"
STRICTNESS = (SharingClass.UNCONDITIONAL, SharingClass.CONDITIONAL, SharingClass.WITHHELD)
PORTAL_METHODS = frozenset(method for methods in METHODS_OF.values() for method in methods)


@dataclass(frozen=True, slots=True)
class Light:
    """One of the four. `state`: on, off, or unasked where nothing is asked; `why`: what is missing, "" while on."""

    name: str
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise with its lights, in the order published, loaded, fresh, delivered."""

    promise: SharingPromise
    lights: tuple[Light, ...]

    @property
    def kept(self) -> bool:
        return all(light.state != OFF for light in self.lights)

    @property
    def missing(self) -> str:
        """What is missing first; "" where the promise is kept."""
        return next((light.why for light in self.lights if light.state == OFF), "")


def promises(project: Project) -> QuerySet[SharingPromise]:
    """What a project promised to produce, with its entries of the catalogue and their data."""
    rows = project.promises.filter(direction=SharingPromise.Direction.PRODUCES)
    return rows.select_related("resource__dataset", "resource__provider")


def kept_promises(project: Project, now: datetime) -> list[Kept]:
    """Every promise of a project with its lights as they stand now."""
    return _kept(list(promises(project)), now)


def kept_by_project(projects: Sequence[Project], now: datetime) -> dict[int, list[Kept]]:
    """Project id to its promises with their lights; two queries however many projects there are."""
    wanted = SharingPromise.objects.filter(project__in=projects, direction=SharingPromise.Direction.PRODUCES)
    found: dict[int, list[Kept]] = {project.pk: [] for project in projects}
    for kept in _kept(list(wanted.select_related("resource__dataset")), now):
        found[kept.promise.project_id].append(kept)
    return found


def _kept(rows: Sequence[SharingPromise], now: datetime) -> list[Kept]:
    granted = _granted([row.resource_id for row in rows if row.resource_id is not None])
    return [Kept(row, _lights(row, row.resource_id in granted, now)) for row in rows]


def all_kept(project: Project, now: datetime) -> bool:
    """Whether nothing that was promised is missing. A plan that promised no data has nothing to keep."""
    return all(kept.kept for kept in kept_promises(project, now))


def _granted(resources: list[int]) -> set[int]:
    """Entries whose data is delivered under a grant in force, in a way that the portal serves."""
    if not resources:
        return set()
    methods = Q(methods__overlap=sorted(PORTAL_METHODS))
    running = Grant.objects.filter(methods, resource__in=resources, status=Grant.Status.ACTIVE)
    today = timezone.localdate()
    return set(running.filter(valid_until__gte=today).values_list("resource_id", flat=True))


def _lights(promise: SharingPromise, granted: bool, now: datetime) -> tuple[Light, ...]:
    resource = promise.resource
    published = _published(promise, resource)
    if resource is not None and resource.sharing_class == SharingClass.WITHHELD and published.state == ON:
        return (published, *(Light(name, UNASKED) for name in (_("loaded"), _("fresh"), _("delivered"))))
    return (published, _loaded(resource), _fresh(promise, resource, now), _delivered(resource, granted))


def _light(name: str, why: str) -> Light:
    return Light(name, OFF if why else ON, why)


def _published(promise: SharingPromise, resource: Resource | None) -> Light:
    name = _("published")
    if resource is None:
        return _light(name, _("It is not in the catalogue: name the entry that holds it."))
    if resource.status == Resource.Status.WITHDRAWN:
        return _light(name, _("Its entry was withdrawn from the catalogue."))
    if resource.status != Resource.Status.PUBLISHED:
        return _light(name, _("Its entry is not published yet."))
    promised, stated = SharingClass(promise.sharing_class), SharingClass(resource.sharing_class)
    if STRICTNESS.index(stated) > STRICTNESS.index(promised):
        words: dict[str, Any] = {"stated": stated.label, "promised": promised.label}
        return _light(name, _("It is published as “%(stated)s”; “%(promised)s” was promised.") % words)
    return _light(name, "")


def _dataset(resource: Resource | None) -> Dataset | None:
    return getattr(resource, "dataset", None)


def _loaded(resource: Resource | None) -> Light:
    dataset = _dataset(resource)
    holds = dataset is not None and dataset.status == Dataset.Status.READY and dataset.row_count > 0
    return _light(_("loaded"), "" if holds else _("No data is loaded."))


def _fresh(promise: SharingPromise, resource: Resource | None, now: datetime) -> Light:
    name, updated = _("fresh"), resource.data_updated_at if resource else None
    if updated is None:
        return _light(name, _("No data is loaded."))
    if not freshness.is_stale(promise.update_cycle, updated, now):
        return _light(name, "")
    words = {"day": timezone.localdate(updated).isoformat(), "cycle": promise.get_update_cycle_display()}
    return _light(name, _("Last loaded on %(day)s, although the promise says: %(cycle)s.") % words)


def _delivered(resource: Resource | None, granted: bool) -> Light:
    name = _("delivered")
    if resource is None or resource.status != Resource.Status.PUBLISHED:
        return _light(name, _("Nobody can be given what is not published."))
    offered = set(resource.sharing_methods or SharingMethod.values)
    if granted or offered & PORTAL_METHODS:
        return _light(name, "")
    return _light(name, _("The entry offers no way in which the portal delivers data."))
