"""Words that mean one thing to a reader of the catalogue: what separates two regions' or two offices' usage."""

from typing import Any

from django.db import migrations

PAIRS = [
    ("品质", "质量"),
    ("资讯", "信息"),
    ("资料", "数据"),
    ("行政区", "行政区划"),
    ("身份证", "居民身份证"),
    ("企业", "公司"),
    ("社保", "社会保险"),
    ("医保", "医疗保险"),
    ("低保", "最低生活保障"),
    ("公积金", "住房公积金"),
    ("捷运", "地铁"),
    ("公车", "公交"),
    ("网络", "网路"),
    ("软件", "软体"),
    ("计划", "计画"),
]


def fill(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    for word, same_as in PAIRS:
        synonym.objects.get_or_create(word=word, same_as=same_as)


def clear(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    for word, same_as in PAIRS:
        synonym.objects.filter(word=word, same_as=same_as).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_search_and_source")]

    operations = [migrations.RunPython(fill, clear)]
