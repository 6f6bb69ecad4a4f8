"""ZIP files that are signed: the same files give the same bytes, and nothing in them is packed.

What is not packed cannot unpack to more than it is: no archive is a bomb.
"""

import io
import zipfile
from collections.abc import Mapping

#: The same moment in every archive: no clock is read for it.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """The bytes of an archive of files by path."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def unpack_files(content: bytes, most_bytes: int, most_files: int) -> dict[str, bytes]:
    """The files of an archive by path; nothing is written anywhere.

    Raises: ValueError for no archive, one that is packed, or one with more than it may have.
    """
    if len(content) > most_bytes:
        raise ValueError("too large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise ValueError("too large")
            if len(entries) > most_files:
                raise ValueError("too many files")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise ValueError("packed in another way")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        raise ValueError(str(fault)) from None
