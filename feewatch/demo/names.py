"""Names and numbers that are well formed and belong to nobody."""

from random import Random

from feewatch.kernel.credit_code import check_character

PLACES = {
    "370702": "潍城区", "370703": "寒亭区", "370704": "坊子区", "370705": "奎文区",
    "370724": "临朐县", "370725": "昌乐县", "370781": "青州市", "370782": "诸城市",
    "370783": "寿光市", "370784": "安丘市", "370785": "高密市", "370786": "昌邑市",
}  # fmt: skip
DISTRICTS = tuple(PLACES)
_WORDS = ("星海", "青禾", "知行", "百川", "云帆", "晨光", "望岳", "鸢都", "浮烟", "白浪", "春藤",
          "竹笛", "启明", "远帆", "嘉树", "𠮷安")  # fmt: skip
_KINDS = {
    "academic": "文化课培训学校",
    "arts": "艺术培训中心",
    "sports": "体育俱乐部",
    "science": "科技培训中心",
}
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
_GIVEN = ("明", "一诺", "丽华", "文博", "雪梅", "子涵", "永胜", "晓燕", "志强", "佳怡", "海涛",
          "思远", "桂芳", "宇轩", "建国", "梓萱", "立新", "若曦")  # fmt: skip
BANKS = ("示例城市商业银行潍坊支行", "示例农村商业银行奎文支行", "示例工贸银行潍坊分行",
         "示例建工银行潍坊支行", "示例招兴银行潍坊支行")  # fmt: skip
VENDORS = ("虚构水务公司", "虚构供电公司", "虚构快递服务部", "虚构保洁服务部", "虚构文具商行",
           "虚构印刷厂", "虚构通信公司")  # fmt: skip
_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person(rng: Random) -> str:
    """A person's name."""
    return rng.choice(_FAMILY) + rng.choice(_GIVEN)


def school_name(n: int, subject: str) -> str:
    """A name that says it is made up and is unlike any other of the district."""
    return f"虚构{_WORDS[n % len(_WORDS)]}{n:02d}号{_KINDS[subject]}"


def company(n: int) -> str:
    """A company close to a school."""
    return f"虚构瑞和{n:02d}商贸有限公司"


def credit_code(rng: Random, district: str, *, for_profit: bool) -> str:
    """A unified social credit code with the right check character."""
    body = "".join(rng.choice(_CODE_ALPHABET) for _ in range(9))
    first = ("91" if for_profit else "52") + district + body
    return first + check_character(first)


def account_no(rng: Random, n: int) -> str:
    """A 17-digit account number; ``n`` makes it unlike any other."""
    return f"{rng.randint(20, 98)}{n:04d}{rng.randrange(10**11):011d}"


def student(rng: Random) -> str:
    """An opaque token."""
    return f"S{rng.getrandbits(40):010x}"
