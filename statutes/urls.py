from django.urls import path

from statutes import views

app_name = "statutes"
urlpatterns = [
    path("", views.index, name="law"),
    path("calendar/", views.calendar, name="calendar"),
    path("calculator/", views.calculator, name="calculator"),
    path("compare/", views.compare, name="compare"),
    path("coverage/", views.coverage, name="coverage"),
    path("search/", views.search, name="search"),
    path("<slug:pack_id>/", views.pack, name="pack"),
    path("<slug:pack_id>/instruments/<str:instrument_id>/", views.instrument, name="instrument"),
    path("<slug:pack_id>/rules/<str:rule_id>/", views.rule, name="rule"),
    path("<slug:pack_id>/procedures/<slug:procedure_id>/", views.procedure, name="procedure"),
]
