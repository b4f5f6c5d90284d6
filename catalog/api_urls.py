from django.urls import path

from catalog import api

urlpatterns = [
    path("resources/", api.Resources.as_view(), name="resources"),
    path("resources/<int:resource_id>/", api.ResourceView.as_view(), name="resource"),
    path("resources/<int:resource_id>/withdrawal/", api.ResourceWithdrawal.as_view(), name="resource-withdrawal"),
]
