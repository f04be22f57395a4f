"""Every word that a person reads in a reply: figures, a sentence an outcome, pages where a sentence is too short."""

from shared.text.sentences import sentence

__all__ = ["sentence"]
