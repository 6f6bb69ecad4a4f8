"""Tells a Chinese name in Latin letters (``zhangsan``, ``li_xiaoming01``) from an opaque token.

A name is a common surname and one or two syllables, together or apart. Digits stand before or
behind the letters of a name and never among them, so that hashes are none.
"""

import re
import unicodedata

_ONSETS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve ue",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve ue",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
_SYLLABLES = frozenset(
    onset + rhyme for onset, rhymes in _ONSETS.items() for rhyme in rhymes.split()
)
#: The most common surnames, which nineteen in twenty people bear, and the common double ones.
_SURNAMES_LINE = (
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng "
    "liang xie song tang deng han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du "
    "ye cheng wei su lv lyu lu ding ren yao shen zhong cui tan lai fan liao shi jin wan xia "
    "fu fang zou xiong bai meng qin qiu hou yan duan lei long shao qian tao hao gong gu kang "
    "mao wen yin niu ge hong qi ni zhuang mei nie zhan pang geng guan lan kong bi ji bao hua "
    "jia ning you dai mo zuo mu miao ke ruan lian ouyang shangguan sima zhuge dongfang "
    "huangfu situ linghu murong"
)
_SURNAMES = frozenset(_SURNAMES_LINE.split())
#: What offices and schools write in pinyin that is no name: 学号, 合同, 语文 and the like.
_WORDS_LINE = (
    "xuehao xuesheng xueyuan xueji xuexi hetong kecheng bianhao yuwen shuxue yingyu wuli huaxue "
    "shengwu lishi dili zhengzhi kexue wudao meishu yinyue huihua guohua shuhua shufa gangqin "
    "guzheng jita lanqiu zuqiu pingpang yumaoqiu weiqi xiangqi guojixiangqi youyong tiyu wushu "
    "taiquandao huaban lunhua biancheng jiqiren zhujian zhuchi koucai yuedu xiezuo zuowen "
    "yuanxiao xuexiao peixun jigou fenxiao jiaoxue jiaowu jiazhang shaoer youer xiaoxue "
    "zhongxue gaozhong chuzhong hanjia shujia chunji qiuji dongji xiaji"
)
_WORDS = frozenset(_WORDS_LINE.split())
_LETTERS = re.compile(r"[a-z]+")
#: Digits and signs, one stretch of letters and separators, digits and signs.
_AROUND = re.compile(r"[^a-z]*([a-z]+(?:[ ._'’·•,/~-]+[a-z]+)*)[^a-z]*")
_MOST_PARTS = 4


def is_name_in_pinyin(cell: str) -> bool:
    """Whether a cell is, or holds between signs, a surname and a given name in pinyin."""
    whole = _AROUND.fullmatch(_plain(cell))
    if whole is None:
        return False
    parts = _LETTERS.findall(whole[1])
    return any(
        _is_name(parts[start:end])
        for start in range(len(parts))
        for end in range(start + 1, min(start + _MOST_PARTS, len(parts)) + 1)
    )


def _is_name(parts: list[str]) -> bool:
    if len(parts) == 1:
        [word] = parts
        if word in _SYLLABLES or word in _WORDS:
            return False
        return any(word[:cut] in _SURNAMES and _is_given(word[cut:]) for cut in range(2, len(word)))
    first, last = parts[0], parts[-1]
    return (first in _SURNAMES and _is_given("".join(parts[1:]))) or (
        last in _SURNAMES and _is_given("".join(parts[:-1]))
    )


def _is_given(letters: str) -> bool:
    """Whether letters are one syllable or two; a single letter is a mark, no name."""
    if letters in _SYLLABLES:
        return len(letters) > 1
    return any(
        letters[:cut] in _SYLLABLES and letters[cut:] in _SYLLABLES
        for cut in range(1, len(letters))
    )


def _plain(cell: str) -> str:
    """Small letters without tones: ``Zhāng`` is ``zhang``, ``Lǚ`` is ``lv``."""
    decomposed = unicodedata.normalize("NFKD", cell).lower().replace("u\u0308", "v")
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
