"""Mutants: the reference made wrong in ways that no bank lists, to see which of them no check notices.

``values`` and ``places`` say what can be wrapped and how two answers are told apart; ``answers``,
``arguments`` and ``around`` are the behaviours that are wrong for almost any exercise; ``seen`` looks at
what the cases show; ``text`` changes the reference's own text; ``search`` runs them and sorts what survives.
"""
