"""Pages (performance goals, row 6): the catalogue, a resource and a case, each against a bare view on its query."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from benchmarks import common, population, visits

RESOURCES = {"small": 30, "full": 5_000}


def main() -> None:
    options = common.start(__doc__ or "")
    with common.scratch_database():
        from catalog import selectors as catalog
        from catalog.models import Resource
        from tests.cast import Cast, signed_in_client
        from tests.scenes import published_resource

        population.prepare()
        place = Cast().enshi
        case = population.requests(place, population.departments(place, 2))[0]
        resource = published_resource(place, title="村级统计用区划代码")
        more = {"code": "t.code || '/' || n", "title": "t.title || n"}
        population.multiply(Resource, [resource.pk], RESOURCES[options.size], **more)
        population.vacuum(Resource)
        visits.QUERIES["resources"] = lambda actor: list(
            catalog.one_page(actor, catalog.Query(text="").resolved(), timezone.now()).rows
        )
        visits.QUERIES["resource"] = lambda actor: list(catalog.visible_resources(actor).filter(pk=resource.pk))
        visits.QUERIES["case"] = lambda actor: _events(actor, case.number)
        client = signed_in_client(place.provider_handler)
        rounds = 30 if options.size == "full" else 2
        common.show("entries in the catalogue", f"{Resource.objects.count():,}")
        visits.against("catalogue", client, reverse("catalog:resources"), "resources", rounds)
        visits.against("resource", client, reverse("catalog:resource", args=[resource.pk]), "resource", rounds)
        leader = population.leader_of(case)
        url = reverse("cases:case", args=[case.number])
        visits.against("case", signed_in_client(leader), url, "case", rounds)


def _events(actor: object, number: str) -> list[object]:
    """A case and its history."""
    from cases import selectors

    case = selectors.case_by_number(actor, number)  # type: ignore[arg-type]
    return [case, *case.events.order_by("seq")]


if __name__ == "__main__":
    main()
