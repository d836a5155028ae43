"""Field names and kinds as Chinese bureaus write them, and as we do."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Our column -> tiers of names, most telling first: the first tier that a file answers is taken, and
# two answers within one tier are ambiguous. A text column's tiers hold one name each, so that
# 小区名称 goes before 名称; a count's names share a tier, because 户数 and 常住户数 differ in figures.
_ID_WORDS = ("编号", "编码", "代码", "id", "code")


def _each(*names: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in names)


_HOUSEHOLDS = ("户数", "总户数", "常住户数", "居民户数", "户籍户数", "戶數", "hh", "household")
_POPULATION = ("人口", "总人口", "人口数", "常住人口", "户籍人口", "人口數", "pop", "persons")
_NAME = _each("名称", "名稱", "title")
_SHARED: dict[str, tuple[tuple[str, ...], ...]] = {
    "households": (_HOUSEHOLDS,),
    "population": (_POPULATION,),
    "name": _NAME,
    "kind": _each("类型", "类别", "种类", "type", "class", "category", "fclass"),
    "lon": (("经度", "經度", "longitude", "lng", "long"),),
    "lat": (("纬度", "緯度", "latitude"),),
    "x": (("x坐标", "横坐标", "东坐标", "pointx", "easting"),),
    "y": (("y坐标", "纵坐标", "北坐标", "pointy", "northing"),),
}
_LAYER: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {
    ("units", "unit_id"): (
        ("小区编号", "小区编码", "小区代码", "单元编号", "单元编码", "网格编号", "网格编码"),
        _ID_WORDS,
        ("小区名称", "小区", "网格名称"),
    ),
    ("units", "elderly"): (
        ("老年人口", "老年人数", "老年人", "老人数", "60岁以上", "65岁以上", "60岁以上人口",
         "65岁以上人口"),
    ),
    ("units", "name"): (*_each("小区名称", "小区名", "小区", "网格名称"), *_NAME),
    ("units", "subdistrict_id"): _each(
        "街道编号", "街道编码", "街道代码", "街镇代码", "乡镇代码", "街道", "所属街道", "街道名称",
        "街镇", "乡镇街道", "所属街镇", "subdistrict", "street_office",
    ),
    ("units", "community_id"): _each(
        "社区编号", "社区编码", "社区代码", "所属社区编号", "所属社区代码", "所属社区", "社区",
        "社区名称", "现属社区", "现状社区", "community",
    ),
    ("units", "floating_population"): (("流动人口", "流动人口数", "外来人口", "暂住人口"),),
    ("units", "commercial_floor_m2"): (
        ("商业面积", "商业建筑面积", "商业楼宇面积", "商业用房面积"),
    ),
    ("units", "kind"): _each("单元类型", "小区类型", "类型", "类别", "type"),
    ("units", "keep_with"): _each(
        "物业区域", "物业片区", "物业管理区域", "物业服务区域", "物业", "物业公司",
    ),
    ("units", "locked"): _each("锁定", "是否锁定", "不调整"),
    ("communities", "community_id"): (
        ("社区编号", "社区编码", "社区代码"), _ID_WORDS, ("社区名称", "社区"), ("名称",),
    ),
    ("communities", "name"): (*_each("社区名称", "社区"), *_NAME),
    ("communities", "kind"): _each("社区类型", "类型", "类别", "type"),
    ("communities", "subdistrict_id"): _each(
        "街道编号", "街道编码", "街道代码", "街道", "所属街道", "街道名称", "街镇", "乡镇街道",
    ),
    ("communities", "room_m2"): (("用房面积", "社区用房面积", "办公用房面积", "服务用房面积"),),
    ("communities", "staff"): (("工作人员", "工作人员数", "社区工作者", "社工数", "人员数"),),
    ("villages", "village_id"): (
        ("村编号", "村编码", "村代码", "行政村代码", "村庄编号"), _ID_WORDS, ("村名", "村名称"),
        ("名称",),
    ),
    ("villages", "name"): (*_each("村名", "村名称", "行政村", "村庄名称"), *_NAME),
    ("villages", "township_id"): _each(
        "乡镇编号", "乡镇编码", "乡镇代码", "乡镇", "所属乡镇", "乡镇名称", "街道", "township",
    ),
    ("villages", "seat"): _each("村委会驻地", "驻地", "中心村"),
    ("villages", "surname"): _each("姓氏", "主要姓氏", "大姓"),
    ("villages", "ethnic_group"): _each("民族", "主要民族"),
    ("villages", "fishing"): _each("渔村", "是否渔村"),
    ("villages", "collective_yuan"): (("集体收入", "村集体收入", "集体经济收入", "集体资产"),),
    ("villages", "floating_population"): (("流动人口", "流动人口数", "外来人口", "暂住人口"),),
    ("villages", "locked"): _each("锁定", "是否锁定", "不调整"),
    ("barriers", "crossable"): _each("可穿越", "可通行", "能否穿越", "是否可穿越"),
    ("barriers", "name"): _each("道路名称", "河流名称", "路名", "河名", *(n for t in _NAME for n in t)),
    ("streets", "name"): _each("道路名称", "路名", *(n for t in _NAME for n in t)),
    ("streets", "walkable"): _each("可步行", "能否步行", "步行"),
    ("streets", "highway"): _each("fclass"),
    ("streets", "tags"): _each("other_tags"),
    ("streets", "minutes"): (("分钟", "步行分钟", "步行时间"),),
    ("streets", "speed"): (("速度", "步行速度"),),
    ("streets", "height"): (("高程", "标高", "高度"),),
    ("gates", "unit_id"): _each(
        "小区编号", "小区编码", "小区代码", "单元编号", "所属小区", "小区", "小区名称",
    ),
    ("sites", "site_id"): (
        ("用房编号", "点位编号", "场所编号"), _ID_WORDS, ("用房名称", "点位名称", "名称"),
    ),
    ("sites", "name"): (*_each("用房名称", "点位名称", "场所名称"), *_NAME),
    ("sites", "address"): _each("用房地址", "详细地址", "地址", "门牌地址"),
    ("sites", "status"): _each("状态", "现状", "现状或候选", "性质"),
    ("sites", "floor_m2"): (
        ("建筑面积", "面积", "用房面积", "使用面积", "floor_area", "area_m2", "floor_area_m2"),
    ),
    ("sites", "cost_yuan"): (("造价", "费用", "总造价", "投资", "总投资"),),
    ("sites", "yuan_per_m2"): (("单价", "每平方米造价"),),
    ("sites", "extend_m2"): (("可扩建面积", "扩建面积"),),
    ("sites", "extend_yuan"): (("扩建固定费用", "扩建费用"),),
    ("sites", "ready_year"): (("可用年份", "可建成年份", "计划建成年份"),),
    ("sites", "way"): _each("取得方式", "方式", "来源", "建设方式"),
    ("sites", "ground_floor"): _each("底层", "一楼", "是否底层", "首层", "是否一楼"),
    ("sites", "beside_entrance"): _each("临出入口", "靠近出入口", "临主出入口"),
    ("places", "place_id"): (
        ("居住点编号", "地点编号", "聚居点编号", "楼栋编号"), _ID_WORDS, ("居住点名称", "名称"),
    ),
    ("places", "name"): (*_each("居住点名称", "地名", "聚居点名称"), *_NAME),
    ("places", "kind"): _each("居住点类型", "类型", "类别", "type"),
    ("places", "floating_population"): (("流动人口", "流动人口数", "外来人口", "暂住人口"),),
    ("places", "community_id"): _each("社区编号", "社区代码", "所属社区", "社区"),
    ("developments", "development_id"): (
        ("项目编号", "项目代码", "地块编号"), _ID_WORDS, ("项目名称", "项目"), ("名称",),
    ),
    ("developments", "name"): (*_each("项目名称", "项目"), *_NAME),
    ("developments", "households"): (("户数", "规划户数", "总户数", "套数"),),
    ("developments", "floor_area_m2"): (
        ("建筑面积", "总建筑面积", "开发面积", "floor_area"),
    ),
    ("developments", "completes"): _each("竣工时间", "建成时间", "交付时间", "竣工日期"),
    ("developments", "phases"): (("期数", "分期"),),
    ("developments", "phasing"): _each("分期户数", "分期计划"),
}  # fmt: skip

_KIND_WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("units", "kind"): {
        "小区": "compound", "住宅小区": "compound", "街坊": "block", "街区": "block",
        "城中村": "urban_village", "工矿区": "mine_industry", "工矿": "mine_industry",
        "农场": "farm", "林场": "farm", "农林场": "farm", "流动人口聚居地": "floating",
        "流动人口聚居区": "floating", "空地": "open", "绿地": "open", "水域": "open",
    },
    ("communities", "kind"): {
        "社区": "urban", "城市社区": "urban", "居民区": "residential_area",
        "村": "village", "行政村": "village", "建制村": "village",
    },
    ("places", "kind"): {
        "新建住宅区": "estate", "新建小区": "estate", "住宅区": "estate", "小区": "estate",
        "工矿区": "mine_industry", "工矿": "mine_industry", "矿区": "mine_industry",
        "厂区": "mine_industry", "农场": "farm", "林场": "farm", "农林场": "farm",
        "国有农场": "farm", "国有林场": "farm", "流动人口聚居地": "floating",
        "流动人口聚居区": "floating", "务工人员宿舍": "floating", "居民区": "residential_area",
        "自然村": "village", "村": "village", "其他": "other",
    },
    ("barriers", "kind"): {
        "河流": "river", "河": "river", "江": "river", "河道": "river", "水系": "river",
        "铁路": "railway", "铁道": "railway", "高速公路": "expressway", "高速": "expressway",
        "快速路": "expressway", "主干道": "main_road", "主干路": "main_road", "次干道": "road",
        "次干路": "road", "支路": "road", "道路": "road",
        # OpenStreetMap's values
        "canal": "river", "stream": "river", "rail": "railway", "motorway": "expressway",
        "trunk": "main_road", "primary": "main_road", "secondary": "main_road",
        "tertiary": "road", "residential": "road", "unclassified": "road",
    },
    ("crossings", "kind"): {
        "桥": "bridge", "桥梁": "bridge", "大桥": "bridge", "地道": "underpass",
        "地下通道": "underpass", "下穿通道": "underpass", "涵洞": "underpass", "天桥": "footbridge",
        "人行天桥": "footbridge", "过街天桥": "footbridge",
    },
    ("sites", "status"): {
        "现状": "existing", "现有": "existing", "已有": "existing", "已建": "existing",
        "在用": "existing", "候选": "candidate", "备选": "candidate", "规划": "candidate",
        "拟建": "candidate", "新增": "candidate",
    },
    ("sites", "way"): {
        "新建": "new_build", "扩建": "extension", "改建": "conversion", "改造": "conversion",
        "购买": "purchase", "购置": "purchase", "项目配建": "project", "配建": "project",
        "置换": "swap", "整合共享": "sharing", "共享": "sharing", "租赁": "lease", "共建": "joint",
    },
    ("amenities", "kind"): {
        "菜市场": "food_market", "农贸市场": "food_market", "集贸市场": "food_market",
        "便利店": "convenience", "超市": "convenience", "小超市": "convenience",
        "医疗": "medical", "医院": "medical", "卫生院": "medical", "诊所": "medical",
        "社区卫生服务中心": "medical", "社区卫生服务站": "medical", "医疗机构": "medical",
        "学校": "school", "小学": "school", "中学": "school", "银行": "bank", "银行网点": "bank",
        "公交站": "bus_stop", "公交站点": "bus_stop", "公交车站": "bus_stop",
        "体育": "sports", "体育场所": "sports", "体育场": "sports", "健身场所": "sports",
        "体育健身": "sports", "运动场": "sports",
        # OpenStreetMap's values
        "marketplace": "food_market", "supermarket": "convenience", "hospital": "medical",
        "clinic": "medical", "doctors": "medical", "sports_centre": "sports", "pitch": "sports",
        "stadium": "sports",
    },
}  # fmt: skip

_DBF_NAME_BYTES = 10  # a dBASE field name is cut after ten bytes


def normal(name: str) -> str:
    """Bring a field name to the form in which names are compared: 「户数（户）」 is 户数."""
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    plain = re.sub(r"\([^)]*\)$", "", plain)
    return re.sub(r"[\s_\-]+", "", plain)


def recognise(
    layer: str, column: str, fields: Iterable[str], *, cut: bool = False
) -> tuple[str, ...]:
    """Find the fields that a file's maker most likely meant by ``column``.

    Parameters
    ----------
    layer, column : str
        Our names.
    fields : iterable of str
        The file's.
    cut : bool
        Whether the format cuts names after ten characters (Shapefile).

    Returns
    -------
    tuple of str
        None, one, or the several between which we cannot choose.
    """
    known: dict[str, list[str]] = {}
    for name in fields:
        known.setdefault(normal(name), []).append(name)
    shared = _SHARED.get(column, ())
    tiers = _LAYER.get((layer, column), shared)
    for tier in ((column,), *tiers):
        words = (*tier, *(w for name in tier for w in _cut(name))) if cut else tier
        found = [name for word in dict.fromkeys(map(normal, words)) for name in known.get(word, ())]
        if found:
            return tuple(found)
    return ()


def _cut(name: str) -> tuple[str, str]:
    """Return what is left of a name in a dBASE table, in UTF-8 and in GBK."""
    utf8, gbk = (name.encode(e)[:_DBF_NAME_BYTES].decode(e, "ignore") for e in ("utf-8", "gb18030"))
    return utf8, gbk


def kind_words(layer: str, column: str) -> Mapping[str, str]:
    """Words of others for the kinds of a column, and ours: 河流 and canal are ``river``."""
    return _KIND_WORDS.get((layer, column), {})
