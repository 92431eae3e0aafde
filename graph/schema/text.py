"""Texts of protocols, in the language of whoever asks."""

from graph.language import Language
from triage.words import Text


def said(text: Text, language: Language) -> str:
    """The text in that language."""
    return text.en if language == "en" else text.vi
