"""Values in memory, up to a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Kept(Generic[_T]):
    """The least recently used go first; `weight` is of one value, `limit` of all. Who asks for one
    that is being made waits for it, because many platforms often ask for the same at once."""

    def __init__(self, limit: int, weight: Callable[[_T], int]) -> None:
        self._limit, self._weight = limit, weight
        self._values: OrderedDict[Hashable, _T] = OrderedDict()
        self._total = 0
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = make()
                self._keep(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def _keep(self, key: Hashable, value: _T) -> None:
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._total += self._weight(value)
            while self._total > self._limit and self._values:
                self._total -= self._weight(self._values.popitem(last=False)[1])
