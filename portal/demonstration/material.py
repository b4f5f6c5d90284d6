"""What the demonstration is made of: names of departments and of their data. No real person, no real record."""

from __future__ import annotations

from dataclasses import dataclass

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = (
    "晓岚",
    "国栋",
    "明",
    "志远",
    "思敏",
    "建华",
    "雨桐",
    "立新",
    "文静",
    "海涛",
    "秋实",
    "亦凡",
    "永安",
    "若水",
    "景行",
)


@dataclass(frozen=True, slots=True)
class Department:
    """A department: key, Chinese and English name, short name, functions (title, basis), topics of its data."""

    key: str
    name: str
    short: str
    name_en: str
    functions: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]


DEPARTMENTS = (
    Department(
        "statistics",
        "统计局",
        "统计局",
        "Statistics Bureau",
        (("统计调查与区划代码维护", "《统计法》第十九条"),),
        ("城镇居民人均可支配收入", "工业企业主要经济指标", "固定资产投资完成额", "人口抽样调查汇总", "能源消费总量",
         "社会消费品零售总额", "农业产值季度数据", "基本单位名录"),
    ),
    Department(
        "civil",
        "民政局",
        "民政局",
        "Civil Affairs Bureau",
        (("救助对象家庭经济状况核对", "《社会救助暂行办法》第五十八条"), ("行政区域界线管理",
         "《行政区域界线管理条例》第三条")),
        ("婚姻登记信息", "城乡低保对象", "特困供养人员", "社会组织登记", "养老机构名录", "殡葬服务机构",
         "孤儿基本生活保障",
         "地名地址库"),
    ),
    Department(
        "police",
        "公安局",
        "公安局",
        "Public Security Bureau",
        (("户籍与居住证管理", "《户口登记条例》第三条"),),
        ("户籍人口基本信息", "居住证签发信息", "机动车登记信息", "驾驶证信息", "旅馆业许可",
         "道路交通事故统计", "流动人口统计",
         "犬只登记"),
    ),
    Department(
        "resources",
        "自然资源局",
        "自然资源局",
        "Natural Resources Bureau",
        (("不动产统一登记", "《不动产登记暂行条例》第六条"),),
        ("不动产登记信息", "建设用地审批结果", "国土空间规划", "地质灾害隐患点", "采矿权登记", "测绘成果目录",
         "耕地地力等级",
         "林地一张图"),
    ),
    Department(
        "market",
        "市场监督管理局",
        "市场监管局",
        "Market Regulation Bureau",
        (("经营主体登记与监管", "《市场主体登记管理条例》第五条"),),
        ("企业登记信息", "个体工商户登记", "食品经营许可", "特种设备检验", "行政处罚结果", "产品质量抽检",
         "经营异常名录",
         "药品零售企业"),
    ),
    Department(
        "health",
        "卫生健康委员会",
        "卫健委",
        "Health Commission",
        (("出生医学证明与公共卫生管理", "《母婴保健法》第二十三条"),),
        ("出生医学证明", "医疗机构执业登记", "医师注册信息", "法定传染病月报", "预防接种统计",
         "职业病诊断机构", "公共场所卫生许可",
         "院前急救出车记录"),
    ),
    Department(
        "labour",
        "人力资源和社会保障局",
        "人社局",
        "Human Resources and Social Security Bureau",
        (("社会保险稽核", "《社会保险法》第七十七条"),),
        ("社会保险参保信息", "失业登记", "专业技术职称", "劳动能力鉴定", "技工院校学生", "就业困难人员",
         "人才引进补贴",
         "工伤认定结果"),
    ),
    Department(
        "education",
        "教育局",
        "教育局",
        "Education Bureau",
        (("义务教育入学管理", "《义务教育法》第十二条"),),
        ("中小学学籍", "民办学校办学许可", "教师资格", "学前教育机构", "义务教育学区", "学生资助名单", "校车使用许可",
         "普通高中招生计划"),
    ),
    Department(
        "housing",
        "住房和城乡建设局",
        "住建局",
        "Housing and Construction Bureau",
        (("住房保障资格审核", "《公共租赁住房管理办法》第八条"),),
        ("公共租赁住房保障对象", "商品房预售许可", "施工许可", "建筑业企业资质", "房屋交易备案",
         "物业服务企业", "燃气经营许可",
         "危险房屋台账"),
    ),
    Department(
        "transport",
        "交通运输局",
        "交通局",
        "Transport Bureau",
        (("道路运输许可", "《道路运输条例》第七条"),),
        ("道路运输经营许可", "网约车驾驶员证", "公交线路站点", "农村公路基础信息", "客运班线", "船舶检验",
         "治超站点数据",
         "出租汽车车辆信息"),
    ),
    Department(
        "agriculture",
        "农业农村局",
        "农业农村局",
        "Agriculture Bureau",
        (("农村土地承包管理", "《农村土地承包法》第十二条"),),
        ("农村土地承包经营权", "农民专业合作社", "动物检疫合格证明", "农机购置补贴", "高标准农田项目",
         "种子生产经营许可",
         "农产品质量检测", "宅基地审批"),
    ),
    Department(
        "weather",
        "气象局",
        "气象局",
        "Meteorological Bureau",
        (("气象灾害预警", "《气象灾害防御条例》第三十条"),),
        ("自动站逐时气温", "降水量日值", "气象灾害预警信息", "防雷检测结果", "人工影响天气作业", "气候评价年报",
         "雷电监测记录", "能见度观测"),
    ),
)  # fmt: skip

ORGANS = {
    "bureau": ("大数据管理局", "大数据局", "Big Data Bureau"),
    "coordinator": ("数字政府建设领导小组办公室", "领导小组办", "Office of the Leading Group"),
    "arbiter": ("数字政府建设领导小组", "领导小组", "Leading Group"),
    "audit": ("审计局", "审计局", "Audit Office"),
    "development": ("发展和改革局", "发改局", "Development and Reform Bureau"),
    "it_office": ("信息化办公室", "信息办", "Information Office"),
    "finance": ("财政局", "财政局", "Finance Bureau"),
}

VILLAGE_TITLE = "统计用区划代码(村级)"
STREETS = ("东风街道", "和平街道", "清江镇", "白杨镇", "龙泉乡", "柳林镇", "石桥乡", "新塘镇")
VILLAGES = ("向阳", "青山", "红旗", "桃园", "双河", "金盆", "大坪", "高峰", "望江", "松林", "长岭", "平安")


@dataclass(frozen=True, slots=True)
class City:
    """A place of the demonstration; its id is that of its rule pack."""

    id: str
    name: str
    name_en: str
    region: str
    roles: tuple[str, ...]


CITIES = (
    City("enshi", "恩施市", "Enshi", "422801", ("bureau", "coordinator", "arbiter", "audit", "development", "finance")),
    City(
        "xianyang",
        "咸阳市",
        "Xianyang",
        "610400",
        ("bureau", "coordinator", "arbiter", "audit", "it_office", "finance"),
    ),
)
