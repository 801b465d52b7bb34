"""Who is looking: a browser session that began with an API key, and ends with it.

The cookie is signed with the workspace's secret and holds the key's id, never the key. The key is
looked up for every page and before every deed, so that a revoked or expired one is shut at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request

from domain.scopes import Scope, allows
from workflows.keys import ApiKey, still_open
from workflows.workspace import Workspace

from .parts.markup import BASE

SIGN_IN = "/sign-in"
KEY = "key_id"
COOKIE = "aether_session"
LIFETIME_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Visitor:
    """Somebody who signed in, and what their key allows."""

    key: ApiKey

    def may(self, scope: Scope) -> bool:
        return allows(self.key.scopes, scope)

    @property
    def actor(self) -> str:
        """The name under which deeds are logged, the same as over the API."""
        return f"key:{self.key.id}"


def visitor_of(request: Request, workspace: Workspace) -> Visitor | None:
    """Whose session a request belongs to, if its key still opens."""
    identity = request.session.get(KEY)
    key = still_open(workspace, identity) if isinstance(identity, str) else None
    return None if key is None else Visitor(key)


def begin(request: Request, key: ApiKey) -> None:
    request.session.clear()
    request.session[KEY] = key.id


def end(request: Request) -> None:
    request.session.clear()


def had_one(request: Request) -> bool:
    """Whether a session began that does not hold any more."""
    return isinstance(request.session.get(KEY), str)


def sign_in_path(request: Request) -> str:
    """The page to sign in at, from where one comes back to the page that was asked for."""
    asked = request.url.path.removeprefix(BASE)
    if request.url.query:
        asked += f"?{request.url.query}"
    return SIGN_IN if asked in ("", "/") else f"{SIGN_IN}?next={quote(asked)}"


def page_after(stated: object) -> str:
    """Where to go once signed in: a page of ours, whatever was stated."""
    return stated if isinstance(stated, str) and stated.startswith("/") else "/"
