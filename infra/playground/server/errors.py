"""What the playground answers where it does not do what it was asked for."""


class RefusedError(Exception):
    """Nothing was done; `sentence` says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
