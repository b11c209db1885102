"""The lessons as a site to read: pages from the one source, built by Sphinx, their links checked.

    pages.py     what stands on which page, as Markdown
    cards.py     an exercise as a card: what is asked, its stub, its hints folded away
    plain.py     a docstring's plain text as Markdown
    mathml.py    formulas, typeset without a script and without the network
    build.py     Sphinx, told what it needs to know; a new folder, which then takes the old one's place
    links.py     does every link lead somewhere, and does no page ask for anything outside?

Sphinx is an extra: nothing here is imported before somebody asks for the book.
"""
