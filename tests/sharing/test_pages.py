"""Pages of requests: what was typed into a draft stands there again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations.actors import Actor
from organizations.errors import BadInput
from sharing.models import ShareRequest
from sharing.services import objections, requests
from sharing.services.requests import Wish
from tests.cast import Cast
from tests.scenes import act, filed, published_resource, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]
Opens = Callable[[Actor], Client]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_dates_of_a_draft_stand_in_its_form_again(cast: Cast, client_for: Opens, language: str) -> None:
    actor, until = cast.enshi.applicant_handler, timezone.localdate() + timedelta(weeks=20)
    resource = published_resource(cast.enshi)
    draft = requests.save_draft(actor, resource=resource, wish=Wish(scenario="核对", valid_until=until))
    client = client_for(actor)
    client.cookies["shutong_language"] = language
    page = client.get(reverse("sharing:draft", args=[draft.pk])).content.decode()
    assert f'value="{until.isoformat()}"' in page


def test_a_file_that_is_not_what_its_name_says_is_refused_beside_its_field(cast: Cast, client_for: Opens) -> None:
    actor = cast.enshi.applicant_handler
    resource = published_resource(cast.enshi)
    paper = SimpleUploadedFile("basis.pdf", b"MZ no document", content_type="application/pdf")
    answer = client_for(actor).post(reverse("sharing:new-request", args=[resource.pk]), {"papers": paper})
    assert answer.status_code == 400
    assert "basis.pdf" in str(answer.context["form"].errors["papers"])
    assert not ShareRequest.objects.exists()


def test_a_unit_without_such_a_function_may_ask_when_it_says_why(cast: Cast, client_for: Opens) -> None:
    """The unit is warned, the reason is asked for beside a field of its own, and stands in the record."""
    client = client_for(cast.enshi.applicant_handler)
    address = reverse("sharing:new-request", args=[published_resource(cast.enshi).pk])
    typed = {
        "function": "none",
        "basis": "《社会救助暂行办法》第五十八条",
        "scenario": "核对",
        "scope": "全市",
        "items": ["code"],
        "methods": ["api", "download"],
        "valid_until": (timezone.localdate() + timedelta(weeks=20)).isoformat(),
        "file": "1",
    }
    warned = client.post(address, typed)
    assert warned.status_code == 400
    assert "opinion" in warned.context["form"].errors
    draft = ShareRequest.objects.get()
    again = reverse("sharing:draft", args=[draft.pk])
    assert f'action="{again}"' in warned.content.decode(), "sent again, the page would make a second draft"
    answer = client.post(again, {**typed, "version": draft.version, "opinion": "专项工作需要"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.case.events.get(seq=1).opinion == "专项工作需要"


def test_that_no_function_fits_is_never_said_by_default(cast: Cast, client_for: Opens) -> None:
    """Nothing is chosen at first, a draft may stay so, filing asks for it, and what was said stands there again."""
    client = client_for(cast.enshi.applicant_handler)
    address = reverse("sharing:new-request", args=[published_resource(cast.enshi).pk])
    choices = client.get(address).context["form"].fields["function"].choices
    assert [choices[0][0], choices[-1][0]] == ["", "none"]
    assert (str(choices[0][1]), str(choices[-1][1])) == ("请选择", "均不适用")
    refused = client.post(address, {"scenario": "核对", "file": "1"})
    assert refused.status_code == 400
    assert "function" in refused.context["form"].errors
    assert not ShareRequest.objects.exists()
    assert client.post(address, {"scenario": "核对"}).status_code == 302
    draft = ShareRequest.objects.get()
    again = reverse("sharing:draft", args=[draft.pk])
    assert client.get(again).context["form"]["function"].value() == ""
    client.post(again, {"scenario": "核对", "function": "none", "version": draft.version})
    draft.refresh_from_db()
    assert draft.fits_no_function
    assert client.get(again).context["form"]["function"].value() == "none"


def test_a_draft_keeps_why_it_is_asked_for_although_no_function_fits(cast: Cast, client_for: Opens) -> None:
    """What was typed beside “none of these” stands there again, and files with the draft; a function drops it."""
    actor = cast.enshi.applicant_handler
    client = client_for(actor)
    address = reverse("sharing:new-request", args=[published_resource(cast.enshi).pk])
    client.post(address, {"function": "none", "opinion": "专项工作需要"})
    draft = ShareRequest.objects.get()
    page = client.get(reverse("sharing:draft", args=[draft.pk]))
    assert page.context["form"]["opinion"].value() == "专项工作需要"
    assert "专项工作需要" in page.content.decode()
    wanted = wish(cast.enshi, function=None, fits_no_function=True, no_function_reason=" 专项工作需要 ")
    draft = requests.save_draft(actor, resource=draft.resource, wish=wanted, draft=draft)
    case = requests.file_request(actor, draft=draft)
    assert case.events.get(seq=1).opinion == "专项工作需要"


def test_a_reason_is_kept_only_where_no_function_is_said_to_fit(cast: Cast, client_for: Opens) -> None:
    client_for(cast.enshi.applicant_handler).post(
        reverse("sharing:new-request", args=[published_resource(cast.enshi).pk]), {"opinion": "专项工作需要"}
    )
    assert ShareRequest.objects.get().no_function_reason == ""


def test_what_has_to_be_signed_is_named_and_not_the_step_that_waits_for_it(cast: Cast, client_for: Opens) -> None:
    page = client_for(cast.enshi.applicant_handler).get(
        reverse("catalog:resource", args=[published_resource(cast.enshi).pk])
    )
    text = page.content.decode()
    assert "<dt>须先签署</dt><dd>数据使用与保护协议</dd>" in text
    assert "待签署" not in text


def test_more_calls_a_day_than_anybody_needs_are_bad_input(cast: Cast) -> None:
    resource, actor = published_resource(cast.enshi), cast.enshi.applicant_handler
    with pytest.raises(BadInput) as refused:
        requests.save_draft(actor, resource=resource, wish=Wish(calls_per_day=10**14, basis="长" * 4001))
    assert set(refused.value.fields) == {"calls_per_day", "basis"}


@pytest.mark.parametrize("days", ["-3", "0", "500"])
def test_an_extension_that_nobody_could_grant_is_not_asked_for(cast: Cast, days: str) -> None:
    case = filed(cast.enshi, published_resource(cast.enshi))
    act(cast.enshi.applicant_leader, case, "endorse")
    with pytest.raises(BadInput) as refused:
        act(cast.enshi.provider_leader, case, "ask_extension", days=days, reason="数据量大")
    assert set(refused.value.fields) == {"days"}


def test_an_objection_names_what_is_too_long(cast: Cast) -> None:
    with pytest.raises(BadInput) as refused:
        objections.file_objection(
            cast.enshi.applicant_handler,
            resource=published_resource(cast.enshi),
            description="错" * 4001,
            record_key="9" * 201,
        )
    assert set(refused.value.fields) == {"description", "record_key"}
