"""Certainty belongs to the article: what resolves, what a rule may claim, and what is said of it."""

import shutil

import pytest

from feewatch.engine.loader import SHIPPED, load_rule_book, read_rule_book
from feewatch.engine.reference_lint import count_references, list_references, source_notes
from feewatch.engine.sources import LawReference

BOOK = load_rule_book()
CAP, LAWS, NATIONAL = "rulebook/FEE-CAP-5000.toml", "sources/laws.toml", "sources/national.toml"
LOCAL_BASIS = 'source = "shandong-2025"\narticle = "收费限额"'
PRESET = 'authority = "preset"'
BASIS = '[[in_force.basis]]\nsource = "penalty-law"\narticle = "第三十六条"'

# broken files: (file, what to replace, by what, words of the fault)
BROKEN = [
    (CAP, LOCAL_BASIS, 'source = "shandong-2025"', "the article is empty: name the article of shandong-2025"),
    (CAP, LOCAL_BASIS, 'source = "shandong-2025"\narticle = ""', "or whole = true with a reason"),
    (CAP, LOCAL_BASIS, 'source = "shandong-2025"\nwhole = true', "reason is missing"),
    (CAP, LOCAL_BASIS, LOCAL_BASIS + '\nwhole = true\nreason = { zh = "全", en = "all" }', "not both"),
    (CAP, '"收费限额"', '"第九条"', "shandong-2025 has no article 第九条 on file; on file: 收费限额, 退费时限"),
    (CAP, LOCAL_BASIS, 'source = "prepaid-2021"\narticle = "退费"', "nobody has read prepaid-2021 退费 as V1 or V2"),
    (CAP, f"[[in_force.basis]]\n{LOCAL_BASIS}", "", "needs at least one article read as V1 or V2"),
    (CAP, f"[[in_force.basis]]\n{LOCAL_BASIS}", f"[[in_force.would_apply]]\n{LOCAL_BASIS}", "would_apply is for presets"),
    ("rulebook/BAL-MIN.toml", PRESET, f"{PRESET}\n{BASIS}", "a preset claims no law: say what would apply"),
    ("rulebook/BAL-MIN.toml", PRESET, f"{PRESET}\n{BASIS}".replace("basis", "would_apply").replace("六条", "条"), "penalty-law has no article 第三十条"),
    ("parameters/limits.toml", 'article = "培训收费"', "", "the article is empty: name the article of non-academic-2022"),
    ("parameters/limits.toml", 'article = "培训收费"', 'article = "培训时刻"', "no article 培训时刻 on file"),
    ("parameters/limits.toml", 'article = "一次收费的时长和课时上限"', 'article = "退费"', "nobody has read prepaid-2021 退费: the value is a preset"),
    ("parameters/limits.toml", 'source = "hainan-2021"', 'source = "hearsay"', "unknown source hearsay"),
    ("parameters/guided_prices.csv", "weifang-price-2022,收费标准", "weifang-price-2022,标准", "weifang-price-2022 has no article 标准"),
    ("parameters/guided_prices.csv", "V1,in_force,,shanghai", "V2,in_force,,shanghai", "certainty V2 of 310000, but its article is V1"),
    ("parameters/guided_prices.csv", "20,0.10,30,2022-02-17,,沪发改价调〔2021〕47号,V1,in_force,,shanghai-price-2021,一", "20,0.10,30,2022-02-17,,,V1,in_force,,,", "from 2022-02-17 on rest on more than one article"),
    (LAWS, 'certainty = "V1"\nread = "reprint"', 'certainty = "V2"\nread = "reprint"', "what was read as verbatim reprint is V1, not V2"),
    (LAWS, 'certainty = "V1"', 'certainty = "V9"', "must be one of V1, V2, none, not 'V9'"),
    (LAWS, 'read = "reprint"', 'read = "dream"', "must be one of original, reprint, press, secondary, unread, not 'dream'"),
    (LAWS, 'read_in = "github.com/LawRefBook/Laws"', "", "read_in is missing"),
    (LAWS, 'article = "第三十七条"', 'article = "第三十八条"', "第三十八条 is there twice"),
    (NATIONAL, 'number = "中办发〔2021〕40号"', 'certainty = "V2"', "certainty belongs to the article: put it under [[double-reduction-2021.articles]]"),
    (NATIONAL, 'zh = "校外培训行政处罚暂行办法"', 'zh = "校外培训行政处罚暂行办法（题名未录）"', "does not stand in a title: write described = true"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "rules")


def replace(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN)
def test_a_claim_that_nothing_on_file_bears_is_named(folder, file, old, new, words):
    replace(folder, file, old, new)
    found = read_rule_book([folder])[1]
    said = "\n".join(f"{each.file} {each.column}: {each.message.en}" for each in found)
    assert words in said, said
    assert all(each.message.zh for each in found)


def test_the_certainty_of_a_reference_is_that_of_its_article():
    source = BOOK.sources["penalty-2023"]
    assert BOOK.certainty_of(LawReference(source.id, "第十八条")) == "V1"
    assert BOOK.certainty_of(LawReference(source.id, "第二十二条")) == "V2"
    assert BOOK.certainty_of(LawReference(source.id, "第二十条")) == "none"
    assert BOOK.certainty_of(LawReference("hearsay", "第一条")) == "none"


def test_a_whole_document_is_as_certain_as_its_least_certain_article(folder):
    whole = 'source = "{}"\nwhole = true\nreason = {{ zh = "全文都是", en = "all of it" }}'
    replace(folder, CAP, LOCAL_BASIS, whole.format("shandong-2025"))
    book, faults = read_rule_book([folder])
    assert faults == []
    (reference,) = book.rules["FEE-CAP-5000"].in_force[1].basis
    assert book.certainty_of(reference) == "V2"
    assert book.cite(reference).says.zh == "全文都是"
    assert book.certainty_of(LawReference("prepaid-2021", "", whole=True)) == "none"


def test_an_article_cited_by_its_subject_and_a_described_title_say_so():
    cited = BOOK.cite(LawReference("jiangsu-2022", "收费时限"))
    assert cited.article == "收费时限（条次未录）"
    assert cited.document.endswith("（题名未录）")
    assert BOOK.sources["jiangsu-2022"].shown_title.en.endswith("(title not on file)")
    plain = BOOK.cite(LawReference("private-education-law", "第六十二条"))
    assert (plain.article, plain.certainty) == ("第六十二条", "V1")
    assert plain.issuer == "全国人民代表大会常务委员会"


def test_no_sanction_and_no_amount_of_a_fine_stands_in_what_an_article_says():
    for source in BOOK.sources.values():
        for article in source.articles:
            assert "罚款" not in article.says.zh or article.article == "第六十三条"
            assert "万元" not in article.says.zh


def test_an_office_reads_an_article_anew_without_copying_the_document(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text(
        """
[[prepaid-2021.articles]]
article = "风险保证金"
certainty = "V1"
read = "original"
read_in = "moe.gov.cn"
says = { zh = "保证金的最低额度。", en = "The least amount of the deposit." }
checked = 2026-12-01
[[prepaid-2021.articles]]
article = "（九）"
certainty = "V1"
read = "original"
read_in = "moe.gov.cn"
says = { zh = "另一条。", en = "Another." }
checked = 2026-12-01
""",
        encoding="utf-8",
    )
    source = load_rule_book([tmp_path]).sources["prepaid-2021"]
    assert source.number == "教监管函〔2021〕2号"
    assert source.find_article("风险保证金").certainty == "V1"
    assert source.find_article("（二）") == BOOK.sources["prepaid-2021"].find_article("（二）")
    assert source.find_article("（九）").says.en == "Another."


def test_a_document_of_its_own_needs_a_title(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text("[weihai-2026]\nnumber = '1号'\n", "utf-8")
    (fault,) = read_rule_book([SHIPPED, tmp_path])[1]
    assert (fault.column, fault.message.en) == ("weihai-2026.title", "title is missing")


def test_every_reference_of_the_shipped_book_names_an_article():
    counted = count_references(BOOK)
    assert counted.articles == counted.references == len(list_references(BOOK))
    assert 0 < counted.numbered < counted.articles


def test_documents_unread_unused_or_without_issuer_are_told():
    told = {(each.code, each.column) for each in source_notes(BOOK)}
    assert ("SOURCE-UNUSED", "penalty-law") in told
    assert ("SOURCE-UNREAD", "institutions-2018") in told
    assert ("SOURCE-ISSUER", "wuhu-2022") in told
    assert not {name for _, name in told} & {"private-education-law", "refund-2025"}


def test_the_documents_of_the_field_are_on_file():
    numbers = {source.number for source in BOOK.sources.values()}
    assert numbers >= {
        "中办发〔2021〕40号", "国务院令第741号", "国办发〔2020〕49号", "国家发展改革委令第36号",
        "国家发展改革委令第58号", "教监管厅函〔2021〕3号", "教基函〔2019〕8号", "国办发〔2018〕80号",
        "教监管函〔2021〕2号", "教育部令第53号",
    }  # fmt: skip
