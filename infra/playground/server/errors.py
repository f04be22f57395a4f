"""How the playground refuses a request."""


class RefusedError(Exception):
    """A refused request; `sentence` says why, `status` is the HTTP status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
