"""Whose editions are gathered, and by which keys each of them is known. Asks no network for a key.

The configuration names a source by its district; its keys are in a file that the district handed
over, and count only where their ids are named beside it.
"""

import re
from collections.abc import Sequence

from feewatch.config import Config, DistrictSource, SuperiorOffice
from feewatch.gateways.feeds import is_safe_address
from feewatch.kernel.errors import InvalidInputError, NotFoundError
from feewatch.kernel.places import covers
from feewatch.kernel.text import Text
from feewatch.publication.keylist import read_key_file
from feewatch.publication.signing import PublicKeys

_DISTRICT = re.compile(r"\d{6}", re.ASCII)


def list_sources(config: Config) -> Sequence[DistrictSource]:
    """The sources in the order of their districts.

    Raises: InvalidInputError where two are of one district, or one is of a place that this office
    is not above, or its address is neither https nor this machine's.
    """
    sources = sorted(config.gathering.sources, key=lambda source: source.district)
    places = [source.district for source in sources]
    for source in sources:
        fault = _fault(config, source, places.count(source.district) > 1)
        if fault is not None:
            raise InvalidInputError("SOURCES", *fault)
    return sources


def find_source(config: Config, district: str) -> DistrictSource | None:
    """The source of a district."""
    return next((each for each in config.gathering.sources if each.district == district), None)


def find_other_office(config: Config, district: str) -> DistrictSource | SuperiorOffice | None:
    """The office of a place that is gathered, or that may ask this one for corrections."""
    above = (each for each in config.gathering.superiors if each.district == district)
    return find_source(config, district) or next(above, None)


def get_source(config: Config, district: str) -> DistrictSource:
    """The same of one that has to be there.

    Raises: NotFoundError.
    """
    for source in list_sources(config):
        if source.district == district:
            return source
    raise NotFoundError(
        "SOURCE-UNKNOWN", f"没有汇集 {district}", f"nothing is gathered of {district}"
    )


def handed_keys(config: Config, other: DistrictSource | SuperiorOffice) -> PublicKeys:
    """The keys by which another office is known: those of its file that are named by id.

    Raises: InvalidInputError where the file cannot be read or none of its keys is named.
    """
    path = config.resolve(other.key_file)
    try:
        known = read_key_file(path.read_bytes())
    except OSError as fault:
        raise _no_key(other, Text(f"{fault.strerror}", f"{fault.strerror}")) from None
    keys = {key_id: key for key_id, key in known.items() if key_id in other.keys}
    if not keys:
        listed = ", ".join(known)
        raise _no_key(
            other,
            Text(
                f"文件中的公钥为 {listed}，均不在配置的 keys 中",
                f"it holds {listed}, none of which is named under keys",
            ),
        )
    return keys


def _fault(config: Config, source: DistrictSource, is_twice: bool) -> Text | None:
    district, office = source.district, config.office.district
    if not _DISTRICT.fullmatch(district):
        return Text(f"{district} 不是区划代码", f"{district} is no division code")
    if is_twice:
        return Text(f"{district} 配置了两次", f"{district} is configured twice")
    if district == office or not covers(office, district):
        return Text(f"{district} 不在本机关之下", f"{district} is not below this office")
    if not is_safe_address(source.url):
        return Text(
            f"{district} 的地址须为 https：{source.url}",
            f"the address of {district} must be https: {source.url}",
        )
    return None


def _no_key(other: DistrictSource | SuperiorOffice, why: Text) -> InvalidInputError:
    return InvalidInputError(
        "SOURCE-KEY",
        f"{other.district} 没有可信公钥（{other.key_file}）：{why.zh}",
        f"there is no trusted key of {other.district} ({other.key_file}): {why.en}",
    )
