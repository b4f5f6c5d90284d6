"""Words of everyday office language that mean one thing to a reader of the catalogue."""

from typing import Any

from django.db import migrations

PAIRS = [
    ("区划", "行政区划"),
    ("身份证", "公民身份号码"),
    ("居民身份证", "公民身份号码"),
    ("户籍", "户口"),
    ("企业", "法人"),
    ("市场主体", "经营主体"),
    ("工商", "市场监管"),
    ("社保", "社会保障"),
    ("五保", "特困人员"),
    ("退役军人", "退伍军人"),
    ("驾照", "驾驶证"),
    ("环保", "环境保护"),
    ("环境保护", "生态环境"),
    ("国土", "自然资源"),
    ("卫健", "卫生健康"),
    ("卫计", "卫生健康"),
    ("安监", "应急管理"),
    ("公租房", "公共租赁住房"),
    ("廉租房", "公共租赁住房"),
    ("棚改", "棚户区改造"),
    ("殡葬", "丧葬"),
]
"""Pairs of which either word finds the other. Entered as reference data; an administrator adds and removes more."""


def fill(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    for word, same_as in PAIRS:
        synonym.objects.get_or_create(word=word, same_as=same_as)


def clear(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    for word, same_as in PAIRS:
        synonym.objects.filter(word=word, same_as=same_as).delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_withdrawals")]

    operations = [migrations.RunPython(fill, clear)]
