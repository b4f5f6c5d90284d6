"""The portal's own pages."""

from django.urls import path

from portal.workbench import workbench

app_name = "portal"

urlpatterns = [path("", workbench, name="workbench")]
