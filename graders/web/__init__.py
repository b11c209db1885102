"""``hero play --web``: pages that run on the learner's own code. What it offers: docs/play.md."""
