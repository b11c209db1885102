"""What can be wrong with what people wrote or asked for. These errors need no torch to be raised."""


class AuthoringError(Exception):
    """A grader file says something that cannot be meant."""


class UserError(Exception):
    """Something a person asked for cannot be; the message is one clear sentence for them."""
