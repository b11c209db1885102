"""``hero`` without a command: checks the current exercise, and again at each save.

    session.py     what is true of the screen, and what the keys do; prints nothing
    listing.py     the list of exercises
    drawing.py     from a session to text that fits the terminal
    events.py      the loop: keys, saves, the window's size
    saves.py       tells when a file was saved
    keys.py        single key presses
    terminal.py    the cursor, the signals; all is put back at the end

Where input or output is no terminal, the reports are printed one below the other, without keys.

Two environment variables are for programs: with ``HERO_WATCH_ONCE=1`` one screen is printed as
plain text, and that is all; with ``HERO_WATCH_LOG=FILE`` a line ``time.time_ns() ID STATUS`` is
appended to the file whenever a new verdict has been shown.
"""
