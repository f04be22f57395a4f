"""The part of CloudWatch's filter patterns that template.yaml uses, for JSON lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

import operator
import re
from typing import Any

_TOKEN = re.compile(r'\s*(\|\||&&|>=|[(){}=]|\$\.\w+|IS TRUE|"[^"]*"|\d+)')
_COMPARISONS = {"=": operator.eq, ">=": operator.ge}


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Does a line match? Raises ValueError for what is no pattern, or more than is understood here."""
    reader = _Reader(pattern, line)
    reader.expect("{")
    result = reader.either()
    reader.expect("}")
    if reader.tokens:
        raise ValueError(f"{reader.tokens} behind the pattern")
    return result


class _Reader:
    def __init__(self, pattern: str, line: dict[str, Any]) -> None:
        self.tokens = _tokens(pattern)
        self._line = line

    def expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise ValueError(f"{token} and not {found}")

    def either(self) -> bool:
        result = self._both()
        while self._take("||"):
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._one()
        while self._take("&&"):
            result = self._one() and result
        return result

    def _one(self) -> bool:
        if self._take("("):
            result = self.either()
            self.expect(")")
            return result
        value = self._line.get(self._next().removeprefix("$."))
        if self._take("IS TRUE"):
            return value is True
        return self._compare(value, _COMPARISONS[self._next()], self._next())

    def _compare(self, value: Any, comparison: Any, literal: str) -> bool:
        if literal.startswith('"'):
            return isinstance(value, str) and bool(comparison(value, literal.strip('"')))
        return isinstance(value, int | float) and bool(comparison(value, int(literal)))

    def _take(self, token: str) -> bool:
        if self.tokens[:1] == [token]:
            self.tokens.pop(0)
            return True
        return False

    def _next(self) -> str:
        if not self.tokens:
            raise ValueError("the pattern ends too early")
        return self.tokens.pop(0)


def _tokens(pattern: str) -> list[str]:
    tokens, position = [], 0
    while position < len(pattern.rstrip()):
        token = _TOKEN.match(pattern, position)
        if not token:
            raise ValueError(f"not understood: {pattern[position:]}")
        tokens.append(token[1])
        position = token.end()
    return tokens
