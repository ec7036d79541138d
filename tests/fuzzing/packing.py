"""Ways to pack a lot, and to spoil what it is packed in."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.fuzzing.edigeo import Lot

NAMES = (
    "{}", "Livraison d'été {}", "-rf {}", "--force {}", "{}\nligne", "a;b'c\"d {}", "{} (1)", "é" * 60 + " {}",
    "$(id) {}", "%s{}", "..{}", "{}.", "\udce9{}", "\u202e{}",
)  # fmt: skip
Pack = Callable[[str, Lot], tuple[str, bytes]]


def tarred(name: str, lot: Lot, *more: tarfile.TarInfo) -> bytes:
    """A tar archive of a lot, with further members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for own, content in lot.items():
            member = tarfile.TarInfo(f"{name}/{own}" if name else own)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in more:
            archive.addfile(member)
    return buffer.getvalue()


def zipped(lot: Lot, folder: str = "") -> bytes:
    """A zip archive of a lot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for own, content in lot.items():
            archive.writestr(f"{folder}{own}".encode("utf-8", "replace").decode(), content)
    return buffer.getvalue()


def special(kind: bytes, name: str = "lien", target: str = "/etc/passwd") -> tarfile.TarInfo:
    """A member that is no file."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def nested(name: str, lot: Lot, depth: int = 1) -> tuple[str, bytes]:
    """A tar in a zip in a tar, as deep as is asked."""
    own, content = f"{name}.tar.bz2", bz2.compress(tarred("", lot))
    for level in range(depth):
        own, content = (
            (f"niveau{level}.zip", zipped({own: content}))
            if level % 2 == 0
            else (f"niveau{level}.tar", tarred("", {own: content}))
        )
    return f"{name}-{own}", content


PACKS: dict[str, Pack] = {
    "tar_bz2": lambda name, lot: (f"{name}.tar.bz2", bz2.compress(tarred("", lot))),
    "tar_gz": lambda name, lot: (f"{name}.tgz", gzip.compress(tarred(name, lot))),
    "tar_xz": lambda name, lot: (f"{name}.tar.xz", lzma.compress(tarred(name, lot))),
    "zip": lambda name, lot: (f"{name}.zip", zipped(lot, f"{name}/")),
    "zip_named_as_a_tar": lambda name, lot: (f"{name}.tar.bz2", zipped(lot)),
    "tar_in_zip": lambda name, lot: nested(name, lot, 1),
    "tar_in_zip_in_tar": lambda name, lot: nested(name, lot, 2),
    "far_too_deep": lambda name, lot: nested(name, lot, 4),
    "link_in_tar": lambda name, lot: (f"{name}.tar", tarred("", lot, special(tarfile.SYMTYPE))),
    "hard_link_in_tar": lambda name, lot: (f"{name}.tar", tarred("", lot, special(tarfile.LNKTYPE))),
    "device_in_tar": lambda name, lot: (f"{name}.tar", tarred("", lot, special(tarfile.CHRTYPE))),
    "pipe_in_tar": lambda name, lot: (f"{name}.tar", tarred("", lot, special(tarfile.FIFOTYPE))),
    "out_of_the_folder": lambda name, lot: (f"{name}.zip", zipped(lot | {"../../dehors.txt": b"x"})),
    "absolute": lambda name, lot: (f"{name}.tar", tarred("", lot | {"/tmp/dehors.txt": b"x"})),
    "bomb": lambda name, lot: (f"{name}.zip", zipped(lot | {"bombe.txt": bytes(150 * 2**20)})),
    "member_twice": lambda name, lot: (f"{name}.tar", tarred("", lot)[:-10240] + tarred("", lot)),
    "nothing_in_it": lambda name, _: (f"{name}.zip", zipped({})),
    "empty_file": lambda name, _: (f"{name}.tar.bz2", b""),
}
HARMLESS = tuple(list(PACKS)[:7])


def spoiled_bytes(random: Random, content: bytes) -> bytes:
    """An archive of which some bytes are others, or that is cut."""
    if random.random() < 0.3:
        return content[: random.randrange(len(content))]
    spoiled = bytearray(content)
    for _ in range(random.choice((1, 4))):
        spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
    return bytes(spoiled)


def put(folder: Path, name: str, lot: Lot) -> Path:
    """Write a lot as a folder."""
    place = folder / name
    place.mkdir()
    for own, content in lot.items():
        (place / own).write_bytes(content)
    return place


def packed(random: Random, folder: Path, sheet: str, lot: Lot) -> tuple[Path, str]:
    """Write a lot under some name, packed in some way; return where, and how."""
    name = random.choice(NAMES).format(f"edigeo-{sheet}") if random.random() < 0.3 else f"edigeo-{sheet}"
    draw = random.random()
    if draw < 0.5:
        return put(folder, name, lot), "folder"
    how = random.choice(HARMLESS if draw < 0.8 else tuple(PACKS))
    own, content = PACKS[how](name, lot)
    if draw > 0.9 and content:
        how, content = f"{how}, spoiled", spoiled_bytes(random, content)
    path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(own))))  # noqa: PTH118 (names that are no UTF-8)
    path.write_bytes(content)
    return path, how
