"""The offline kit (离线安装包): wheels of feewatch and all it needs, with hashes, to be installed.

Made where there is a network, by pip and the lock files of the source tree; installed where there
is none. Takes no package, and builds by none, whose hash is not in a lock file.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import feewatch
from feewatch.kernel.errors import ConflictError, UnavailableError

LOCK, WHEELS, REQUIREMENTS, SUMS = "requirements.lock", "wheels", "requirements.txt", "SHA256SUMS"
#: What builds the wheel of feewatch; nothing of it goes into the kit.
BUILD_LOCK = "build.lock"
#: What of a source tree goes into a wheel.
_TREE = ("feewatch", "rules", "pyproject.toml", "README.md", "LICENSE", "wheel_rules.py")
_INSTALL = """#!/bin/sh
# 离线安装 / installs without network: sh install.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-./feewatch-env}
(cd "$here" && sha256sum --check --quiet SHA256SUMS)
"${PYTHON:-python3}" -m venv "$target"
"$target/bin/python" -m pip install --disable-pip-version-check --no-index --no-cache-dir \\
  --require-hashes --find-links "$here/wheels" --requirement "$here/requirements.txt"
"$target/bin/feewatch" rules lint
echo "已安装 / installed: $target/bin/feewatch"
"""
_README = """# feewatch {version}：离线安装包 / offline kit

适用 / for: Python {python}，{platform}。目标机须有相同的 Python 版本和系统。 The machine needs the same Python and system.

    sh install.sh /opt/feewatch/env     # PYTHON=/usr/bin/python3.11 指定 Python / names another Python

- 先用另行取得的值核对 `SHA256SUMS` 本身：`sha256sum SHA256SUMS`。 Hold `SHA256SUMS` itself against a value that came another way.
- `wheels/`：{count} 个安装包，规则库在 feewatch 的包内；`requirements.txt` 逐一写明版本和哈希，不符即不安装。
  {count} wheels, the rule book inside that of feewatch; `requirements.txt` fixes version and hash of each, or nothing is installed.
- 安装不访问网络。 Nothing is asked of any network.
- 升级：先备份，装入新文件夹，再 `feewatch init`。 Upgrade: a safety copy, a fresh folder, then `feewatch init`.
"""  # noqa: E501 - lines of a document


class OfflineKit(NamedTuple):
    """A kit that was made."""

    folder: Path
    wheels: int
    size: int  # bytes
    sums: str  # SHA-256 of the file of sums, to be given on by another way


def make_kit(folder: Path, source: Path | None = None) -> OfflineKit:
    """A kit in a folder that is new or empty, for the Python and system that runs this.

    ``source``: the source tree; by default the one that runs.

    Raises: ConflictError for a folder with something in it; UnavailableError without a source tree,
    pip, or a network, or where a package is not the one that was locked.
    """
    tree = _source(source)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(
            "KIT-FOLDER", f"{folder} 不是空文件夹", f"{folder} is no empty folder", field="folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    wheels = folder / WHEELS
    _pip(
        "download", "--require-hashes", "--only-binary", ":all:", "--dest", str(wheels),
        "--requirement", str(tree / LOCK),
    )  # fmt: skip
    _build(tree, wheels)
    listed = sorted(wheels.glob("*.whl"))
    lines = [_requirement(wheel) for wheel in listed]
    _write(folder / REQUIREMENTS, "".join(f"{line}\n" for line in sorted(lines)))
    _write(folder / "install.sh", _INSTALL)
    _write(folder / "README.md", _read_me(len(listed)))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = "".join(f"{_hash(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
    _write(folder / SUMS, sums)
    size = sum(path.stat().st_size for path in files)
    return OfflineKit(folder, len(listed), size, _hash(folder / SUMS))


def _source(source: Path | None) -> Path:
    tree = source or Path(feewatch.__file__).resolve().parents[1]
    missing = [name for name in (*_TREE, LOCK, BUILD_LOCK) if not (tree / name).exists()]
    if missing:
        raise UnavailableError(
            "KIT-SOURCE",
            f"{tree} 不是 feewatch 的源码文件夹（缺 {'、'.join(missing)}）：以 --source 指明",
            f"{tree} is no source tree of feewatch (no {', '.join(missing)}): name it by --source",
        )
    return tree


def _build(tree: Path, wheels: Path) -> None:
    """Build the wheel of feewatch from a copy, so that nothing is left in the tree.

    What builds it is fetched by its own hashes first: left to pip, it would come without.
    """
    with tempfile.TemporaryDirectory() as copied, tempfile.TemporaryDirectory() as builder:
        for name in _TREE:
            if (tree / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(tree / name, Path(copied) / name, ignore=ignored)
            else:
                shutil.copy(tree / name, copied)
        _pip(
            "install", "--require-hashes", "--only-binary", ":all:", "--target", builder,
            "--requirement", str(tree / BUILD_LOCK),
        )  # fmt: skip
        _pip(
            "wheel", "--no-deps", "--no-index", "--no-build-isolation",
            "--wheel-dir", str(wheels), copied, path=builder,
        )  # fmt: skip


def _pip(*arguments: str, path: str = "") -> None:
    """Run pip, with a folder of packages before its own.

    Raises: UnavailableError with what it said last.
    """
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments)
    told = {**os.environ, "PYTHONPATH": path} if path else None
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=told)  # noqa: S603 - ours
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise UnavailableError(
            "KIT-PIP",
            f"pip 未能取得或构建安装包（须能访问软件源）：{said}",
            f"pip could not get or build a package (it needs its index): {said}",
        )


def _requirement(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{_hash(wheel)}"


def _read_me(count: int) -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = f"{sys.platform} {platform.machine()}"
    return _README.format(version=feewatch.__version__, python=python, platform=system, count=count)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
