"""What an AI assistant is given that helps a learner, over MCP (docs/tutor.md); never a solution.

tools.py    which tools there are, in words
answers.py  what each of them answers
seal.py     the last look at an answer: no line of a solution leaves
desk.py     the process that answers: lessons, torch and the judge are in it
server.py   MCP on standard input and output; needs the extra `tutor`
"""
