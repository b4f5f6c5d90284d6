from django.urls import path

from catalog import system_views, views

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
    path("systems/", system_views.system_list, name="systems"),
    path("systems/new/", system_views.register_system, name="register_system"),
    path("systems/<int:system_id>/", system_views.system_page, name="system"),
    path("systems/<int:system_id>/edit/", system_views.edit_system, name="edit_system"),
    path("systems/<int:system_id>/retire/", system_views.retire_system, name="retire_system"),
]
