"""Invented names: plausible for a county in the hills of East China, of no real place."""

from collections.abc import Iterator, Sequence

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTY, GIANT = "青澜县", "青澜新城"
SUBDISTRICTS = ("澜城街道", "望江街道", "北岭街道", "东桥街道")
TOWNSHIPS = ("柳坪镇", "石漈镇", "白沙湾镇", "云坞乡", "竹溪源乡", "枫岙乡")

_FIRST = _words(
    "桂花 香樟 银杏 玉兰 丹枫 翠竹 梅园 兰亭 荷塘 海棠 紫荆 金桂 丁香 芙蓉 杏林 柳岸 江畔 滨河 "
    "望江 临溪 锦绣 金色 阳光 和谐 幸福 福临 安居 康居 富民 祥和 吉祥 如意 瑞景 华景 景和 嘉和 "
    "东方 城市 世纪 新世纪 星光 碧水 青山 绿洲 清风 明月 澜湾 澜山 溪畔 书香 学府 文苑 状元 龙泉湾 "
    "金鼎 鸿运 恒泰 万盛 中天 天和 天润 盛世 御景 观澜 听澜 水岸 春江 秋韵 枫林 桃源 橡树 百合 茉莉"
)
_SECOND = _words("苑 花园 小区 家园 名苑 公寓 新村 雅苑 华庭 府 里 居 嘉园 佳苑 公馆 湾")
_WORKS = _words(
    "农机厂 粮食局 供销社 丝绸厂 水泥厂 化肥厂 酒厂 茶厂 林业局 水利局 交通局 邮电局 人民银行 县医院 "
    "一中 教师进修学校 印刷厂 食品公司 百货公司 运输公司 建筑公司 二轻局 农业局 县政府 法院 税务局 "
    "电力公司 自来水公司 新华书店 广播站 纺织厂 机床厂 火柴厂 罐头厂 农具社 药材公司"
)
_YARDS = _words("宿舍 家属院 老宿舍 家属区")
_URBAN_VILLAGES = _words(
    "上塘 下塘 桥头 后畈 前畈 樟树下 陈家弄 郑家埭 叶宅 潘家 花园畈 竹园里 大路边 渡口 石板桥 窑上 "
    "西畈 东畈 马鞍 柳巷 水碓头 塘里 祠堂前 井头 新屋里 上街头 江边 沙地 高墩 牌楼"
)
_LANES = _words(
    "学前 县前 后街 仓前 井头 塔下 城隍 文庙 鼓楼 水门 盐店 米行 竹器 铁铺 书院 东门 西门 南门 "
    "北门 卫前 司前 钟楼 石狮 柳树 双井 莲池 药王 酱园 染坊 箍桶 杏花 打索 草鞋"
)
_STREETS = _words(
    "青山 清溪 和平 新华 前进 胜利 劳动 团结 建国 育才 振兴 朝阳 光明 东升 西苑 北苑 南苑 兴业 富强 "
    "文化 体育场 广场 车站 迎春 翠屏 凤栖 龙吟 云栖 枫桥 竹海 松涛 梅岭 兰溪 桃园 创业 纬一 纬二 "
    "纬三 经一 经二 经三 工业 金穗 长兴 永安 永康里 太平 安澜 镜湖 听涛"
)
_COMMUNITIES = {
    "澜城街道": _words(
        "县前 鼓楼 文庙 仓前 水门 东门 西门 南门 学前 双井 莲池 书院 塔下 状元 银杏 桂花 "
        "站前 滨江 盐店 井头"
    ),
    "望江街道": _words(
        "望江 江南 学府 南苑 清溪 和平 前进 胜利 团结 育才 光明 镜湖 安澜 永安 听涛 "
        "枫桥 太平 渡口 柳岸 澜湾"
    ),
    "北岭街道": _words("北岭 铁北 北苑 柳溪 机床 工农 翠屏 松涛 青山 西苑 龙吟 梅岭"),
    "东桥街道": _words("东桥 东升 科创 迎宾 文昌 创业 朝阳 金穗 长兴 云栖 凤栖 振兴 广场"),
}
OPEN = _words(
    "澜城公园 柳溪公园 滨江公园 镜湖公园 文化广场 人民广场 体育中心 县人民医院 县中医院 客运中心 "
    "火车站 青澜第一中学 青澜第二中学 青澜第三中学 职业技术学校 实验小学 县前小学 文昌小学 "
    "江南小学 北岭小学 东桥小学 学府小学 望江小学 机关幼儿园 阳光幼儿园 "
    "中心农贸市场 江南农贸市场 东桥农贸市场 城北农贸市场 建材市场 "
    "小商品市场 水果批发市场 县行政中心 图书馆 博物馆 文庙 "
    "烈士陵园 自来水厂 污水处理厂 变电所 消防大队 公交首末站 物流中心 科创产业园 服装产业园 食品产业园 "
    "机电产业园 丝绸文化园 妇幼保健院"
)
OPEN_KINDS = _words("小游园 街头绿地 幼儿园 公共停车场 便民市场 绿化广场")
SPECIAL = {
    "mine_industry": _words("石灰石矿生活区 水泥厂生活区 萤石矿家属区 砖瓦厂生活区 铸造厂生活区"),
    "farm": _words("国营青澜果林场 江南农场场部"),
    "floating": _words("科创园集中居住区 城北务工人员公寓 铁北蓝领公寓"),
}
PLACED = {
    **dict.fromkeys(("江南", "望江", "学府", "职业"), "望江街道"),
    **dict.fromkeys(("北岭", "城北", "柳溪", "水厂", "物流"), "北岭街道"),
    **dict.fromkeys(("东桥", "科创", "产业园", "行政中心", "体育"), "东桥街道"),
    **dict.fromkeys(("县前", "文庙", "中心农贸", "澜城", "人民", "中医", "火车站"), "澜城街道"),
}
SURNAMES = _words("陈 叶 吴 周 徐 郑 林 潘 蓝 雷 钟 王 张 李 黄 胡 方 项 毛 刘")
_VILLAGE_ENDS = _words("家湾 家坪 家畈 家塘 家坞 家岙 宅 家桥 家埠 店 坑 家山 家边 岭下 源")
_VILLAGE_PLAIN = _words(
    "石门坑 大岭头 双溪口 樟坞 梨树坪 茶园 上枫 下枫 白岩 黄泥岭 杨梅坞 竹口 龙潭 半岭 金竹 水口 "
    "外畈 里畈 大坞 岩下 松坑 桃花源里 渔埠头 沙埠 鱼塘 溪口 渡船头 高坪 横坑 箬坑"
)


def _shuffled(words: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [words[k] for k in rng.permutation(len(words))]


def compounds(rng: np.random.Generator) -> Iterator[str]:
    """Names of housing estates, each once."""
    yield from _shuffled([first + second for first in _FIRST for second in _SECOND], rng)


def yards(rng: np.random.Generator) -> Iterator[str]:
    """Names of old work-unit housing, each once."""
    yield from _shuffled([work + yard for work in _WORKS for yard in _YARDS], rng)


def urban_villages(rng: np.random.Generator) -> Iterator[str]:
    """Names of villages in the city, each once."""
    names = [f"{name}村" for name in _URBAN_VILLAGES]
    yield from _shuffled(names + [f"{name}新村" for name in _URBAN_VILLAGES], rng)
    yield from (f"{name}村{k}片" for k in "东西南北" for name in _URBAN_VILLAGES)


def streets(rng: np.random.Generator) -> Iterator[str]:
    """Names of streets, each once."""
    yield from _shuffled([f"{name}路" for name in _STREETS], rng)
    yield from _shuffled([f"{name}路" for name in _FIRST if name not in _STREETS], rng)
    yield from _shuffled([f"{name}街" for name in _STREETS], rng)


def lanes(rng: np.random.Generator) -> Iterator[str]:
    """Names of lanes in the old town, each once."""
    yield from _shuffled([f"{name}巷" for name in (*_LANES, *_FIRST[:60])], rng)
    yield from _shuffled([f"{name}巷{k}弄" for name in _LANES for k in "一二三四五六七八"], rng)
    yield from _shuffled([f"{name}巷{k}弄" for name in _FIRST[:60] for k in "一二三四五六"], rng)


def communities(subdistrict: str, rng: np.random.Generator) -> Iterator[str]:
    """Names of communities of a subdistrict, each once, without what kind they are."""
    yield from _shuffled(_COMMUNITIES[subdistrict], rng)


def villages(rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """(name, commonest surname) of villages; about half are called after it."""
    after = _shuffled([s + e for s in SURNAMES for e in _VILLAGE_ENDS], rng)
    plain = _shuffled(_VILLAGE_PLAIN, rng)
    while True:
        if plain and rng.random() < 0.45:
            yield f"{plain.pop()}村", str(rng.choice(SURNAMES))
        else:
            name = after.pop()
            yield f"{name}村", name[0]
