"""Makes NotoSansSC-labels.otf: the part of Noto Sans CJK SC that labels need.

    make.py NotoSansCJK-Regular.ttc Unihan_OtherMappings.txt.bz2 [out.otf]

Debian's packages fonts-noto-cjk and unicode-data hold the two files; fonttools is on PyPI. README.md
beside this file says which versions were used and why these characters.
"""

import bz2
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE = 2  # the place of Noto Sans CJK SC in the collection

# Latin with all accents of Europe, Vietnam and pinyin, Greek and Cyrillic, marks and money signs, and
# the full and half width forms.
RANGES = [
    (0x0020, 0x007E), (0x00A0, 0x017F), (0x01A0, 0x01A1), (0x01AF, 0x01B0), (0x01CD, 0x01DC),
    (0x0218, 0x021B), (0x0370, 0x03FF), (0x0400, 0x045F), (0x1E00, 0x1EFF), (0x2010, 0x2027),
    (0x2030, 0x203B), (0x20A0, 0x20BF), (0x2100, 0x2138), (0x2150, 0x2188), (0x2460, 0x24FF),
    (0x25A0, 0x25FF), (0x3000, 0x301F), (0x3380, 0x33DF), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE5),
]


def encodable(encoding):
    """Every character of the basic plane that an encoding has."""
    found = set()
    for code in range(0x80, 0x10000):
        try:
            chr(code).encode(encoding)
            found.add(code)
        except UnicodeError:
            pass
    return found


def standard_characters(unihan):
    """The 8105 characters of the Table of General Standard Chinese Characters (2013)."""
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        named = (re.match(r"U\+([0-9A-F]+)\tkTGH\t2013:", line) for line in lines)
        return {int(name[1], 16) for name in named if name}


def frequent_traditional():
    """Big5's first level: the 5401 characters that are used most in Hong Kong, Macao and Taiwan."""
    trail = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    pairs = (bytes([lead, second]) for lead in range(0xA4, 0xC7) for second in trail)
    # The last row of the level is not full, and Python knows what is beyond it.
    return {ord(pair.decode("big5")) for pair in pairs if pair <= b"\xc6\x7e"}


def main(collection, unihan, out="NotoSansSC-labels.otf"):
    standard = standard_characters(unihan)
    assert len(standard) == 8105, len(standard)
    wanted = {code for first, last in RANGES for code in range(first, last + 1)}
    wanted |= encodable("gb2312") | standard | frequent_traditional()
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    options.desubroutinize = False
    font = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font.save(out)
    lacking = sorted(standard - set(font.getBestCmap()))
    print(f"{len(font.getBestCmap())} characters, {font['maxp'].numGlyphs} glyphs")
    print("standard characters that the font lacks:", "".join(map(chr, lacking)) or "none")


if __name__ == "__main__":
    main(*sys.argv[1:])
