from django.urls import path

from catalog import api, system_api

urlpatterns = [
    path("resources/", api.Resources.as_view(), name="resources"),
    path("resources/<int:resource_id>/", api.ResourceView.as_view(), name="resource"),
    path("resources/<int:resource_id>/withdrawal/", api.ResourceWithdrawal.as_view(), name="resource-withdrawal"),
    path("information-systems/", system_api.InformationSystems.as_view(), name="information-systems"),
    path(
        "information-systems/<int:system_id>/",
        system_api.InformationSystemView.as_view(),
        name="information-system",
    ),
]
