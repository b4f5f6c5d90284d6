from django.urls import path

from statutes.api import DeriveLimit

urlpatterns = [path("limits/derive/", DeriveLimit.as_view(), name="limits-derive")]
