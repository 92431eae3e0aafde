"""Names that are common enough to belong to nobody in particular."""

import random
from dataclasses import dataclass

_FAMILY = (
    ("Nguyễn",) * 8
    + ("Trần",) * 3
    + ("Lê",) * 2
    + ("Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
)
_MIDDLE = {
    "female": ("Thị", "Thị", "Ngọc", "Thanh", "Kim", "Thu", "Bảo", "Mỹ", "Hoàng"),
    "male": ("Văn", "Văn", "Minh", "Hữu", "Đức", "Quốc", "Gia", "Thành", "Hoàng"),
}
_GIVEN = {
    "female": (
        "Lan",
        "Hoa",
        "Mai",
        "Hương",
        "Hạnh",
        "Trang",
        "Linh",
        "Nga",
        "Thảo",
        "Vy",
        "Yến",
        "Nhung",
        "Phượng",
        "Quỳnh",
        "Tuyết",
    ),
    "male": (
        "Hùng",
        "Dũng",
        "Nam",
        "Tuấn",
        "Sơn",
        "Long",
        "Phúc",
        "Khoa",
        "Bình",
        "Hải",
        "Lâm",
        "Quang",
        "Tài",
        "Thắng",
        "Việt",
    ),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A full name in the Vietnamese order, family name first, and whose it is."""

    text: str
    sex: str


def draw_names(count: int, draw: random.Random) -> list[Name]:
    """The names of a household, which shares its family name; all different, or one person would stand there twice."""
    family = draw.choice(_FAMILY)
    names: dict[str, Name] = {}
    while len(names) < count:
        sex = draw.choice(("female", "male"))
        text = f"{family} {draw.choice(_MIDDLE[sex])} {draw.choice(_GIVEN[sex])}"
        names.setdefault(text, Name(text, sex))
    return list(names.values())
