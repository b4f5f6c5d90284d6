from django.urls import path

from catalog import views

app_name = "catalog"

urlpatterns = [
    path("", views.resource_list, name="resources"),
    path("upkeep/", views.upkeep, name="upkeep"),
    path("upkeep/new/", views.register, name="register"),
    path("upkeep/submit/", views.submit, name="submit"),
    path("<int:resource_id>/", views.resource_page, name="resource"),
    path("<int:resource_id>/edit/", views.edit, name="edit"),
    path("<int:resource_id>/remove/", views.remove, name="remove"),
    path("<int:resource_id>/withdraw/", views.withdraw, name="withdraw"),
]
