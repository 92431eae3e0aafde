"""What is wrong with a protocol file, said in both languages with the line to look at."""

from dataclasses import dataclass

# code -> (English, Vietnamese). One place, so that no finding lacks a language.
_MESSAGES: dict[str, tuple[str, str]] = {
    "SYNTAX": ("this is not valid TOML: {problem}", "không phải TOML hợp lệ: {problem}"),
    "MISSING_KEY": ("'{key}' is missing", "thiếu '{key}'"),
    "UNKNOWN_KEY": ("'{key}' is not known here", "không có mục '{key}' ở đây"),
    "WRONG_TYPE": ("'{key}' must be {expected}", "'{key}' phải là {expected_vi}"),
    "MISSING_TEXT": ("the text in '{language}' is missing", "thiếu nội dung bằng ngôn ngữ '{language}'"),
    "MISSING_SOURCE": ("criterion '{criterion}' names no source", "tiêu chí '{criterion}' không ghi nguồn"),
    "UNKNOWN_SOURCE": ("source '{source}' is not listed under [sources]", "nguồn '{source}' không có trong [sources]"),
    "BAD_CODE": (
        "'{code}' is not a code: small letters, digits, '_' or '-', a letter first",
        "'{code}' không phải mã hợp lệ: chữ thường, chữ số, '_' hoặc '-', bắt đầu bằng chữ",
    ),
    "DUPLICATE_CODE": ("'{code}' is used a second time", "'{code}' bị dùng lặp lại"),
    "UNKNOWN_WORD": ("'{code}' is not among this file's {section}", "'{code}' không có trong {section} của tệp này"),
    "UNKNOWN_CHOICE": ("'{value}' is none of: {choices}", "'{value}' không thuộc: {choices}"),
    "BOUNDS_REVERSED": (
        "the minimum {minimum:g} of '{code}' is not below its maximum {maximum:g}",
        "giá trị nhỏ nhất {minimum:g} của '{code}' không nhỏ hơn giá trị lớn nhất {maximum:g}",
    ),
    "THRESHOLD_OUTSIDE_BOUNDS": (
        "{value:g} lies outside the plausible {code} ({minimum:g} to {maximum:g})",
        "{value:g} nằm ngoài khoảng hợp lý của {code} ({minimum:g} đến {maximum:g})",
    ),
    "NEVER_HOLDS": (
        "criterion '{criterion}' contradicts itself and can never hold",
        "tiêu chí '{criterion}' tự mâu thuẫn, không bao giờ xảy ra",
    ),
    "ALWAYS_HOLDS": (
        "criterion '{criterion}' asks for nothing and always holds",
        "tiêu chí '{criterion}' không đòi hỏi gì và luôn đúng",
    ),
    "OVERLAPPING_BOUNDS": (
        "criterion '{criterion}' bounds {vital} for ages that '{other}' bounds already",
        "tiêu chí '{criterion}' đặt ngưỡng {vital} cho lứa tuổi mà '{other}' đã đặt",
    ),
    "HIDDEN_BY_RED": (
        "AMBER criterion '{criterion}' can never show: '{other}' makes the same report RED",
        "tiêu chí AMBER '{criterion}' không bao giờ hiện: '{other}' đã xếp trường hợp này là RED",
    ),
    "NO_SEVERE_CRITERION": ("no criterion raises 'severe'", "không có tiêu chí nào nâng lên 'severe'"),
    "SEVERE_WITHOUT_DANGER": (
        "criterion '{criterion}' raises 'severe' without a danger (RED or AMBER)",
        "tiêu chí '{criterion}' nâng lên 'severe' mà không có mức nguy hiểm (RED hoặc AMBER)",
    ),
    "DANGER_WITHOUT_SEVERE": (
        "criterion '{criterion}' has a danger but does not raise 'severe'",
        "tiêu chí '{criterion}' có mức nguy hiểm nhưng không nâng lên 'severe'",
    ),
    "NO_RESPONSE": ("no response times for {what}", "không có thời hạn trả lời cho {what}"),
    "DUPLICATE_RESPONSE": (
        "response times for {what} are given a second time",
        "thời hạn trả lời cho {what} bị ghi lặp lại",
    ),
    "STEPS_NOT_GROWING": (
        "{level} must answer {what} later than the level below it",
        "hạn của {level} đối với {what} phải muộn hơn cấp dưới",
    ),
    "RED_SLOWER_THAN_AMBER": (
        "RED is not answered sooner than AMBER at {level}",
        "RED không được trả lời sớm hơn AMBER ở {level}",
    ),
    "OUT_OF_RANGE": (
        "'{key}' must lie between {minimum} and {maximum}",
        "'{key}' phải nằm trong khoảng từ {minimum} đến {maximum}",
    ),
    "WINDOW_UNCLEAR": (
        "give exactly one of 'window_days' and 'window_hours'",
        "ghi đúng một trong 'window_days' và 'window_hours'",
    ),
    "RELEASE_NOT_GROWING": (
        "'{key}' must not be earlier than '{before}'",
        "'{key}' không được sớm hơn '{before}'",
    ),
    "VALIDITY_REVERSED": ("valid_to must be later than valid_from", "valid_to phải sau valid_from"),
    "VALIDITY_OVERLAPS": (
        "valid on days on which '{other}' of the same disease is valid",
        "hiệu lực trùng ngày với '{other}' của cùng bệnh",
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: the line of the file (from 1), a stable code, and the reason in both languages."""

    line: int
    code: str
    message_en: str
    message_vi: str


def finding(line: int, code: str, /, **values: object) -> Finding:
    """A finding of that code, its texts filled in with the values."""
    english, vietnamese = _MESSAGES[code]
    return Finding(line, code, english.format(**values), vietnamese.format(**values))
