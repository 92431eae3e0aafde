"""Receipt codes survive being read out on the phone."""

from hypothesis import given
from hypothesis import strategies as st

from services.receipt_code import ALPHABET, new_receipt_code, read_receipt_code

codes = st.builds(new_receipt_code)


@given(codes)
def test_a_code_is_read_back_however_it_is_typed(code: str) -> None:
    assert read_receipt_code(code.lower().replace("-", " ")) == code


@given(codes, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(code: str, place: int, character: str) -> None:
    body = list(code.replace("-", ""))
    if body[place] == character:
        return
    body[place] = character
    assert read_receipt_code("".join(body)) is None


@given(codes, st.integers(0, 8))
def test_two_swapped_neighbours_are_found(code: str, place: int) -> None:
    body = list(code.replace("-", ""))
    body[place], body[place + 1] = body[place + 1], body[place]
    swapped = "".join(body)
    assert (read_receipt_code(swapped) is None) == (swapped != code.replace("-", ""))


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert read_receipt_code(text) is None or len(text) >= 10
