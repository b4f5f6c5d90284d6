"""The portal's own pages."""

from django.urls import path

from portal.search import search
from portal.workbench import workbench

app_name = "portal"

urlpatterns = [path("", workbench, name="workbench"), path("search/", search, name="search")]
