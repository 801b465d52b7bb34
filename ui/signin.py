"""Sign-in with an API key: a plain form, which works before anything else of the page does."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import app, ui
from starlette.concurrency import run_in_threadpool

from workflows.keys import verify_key
from workflows.workspace import Workspace

from .frame import brand
from .parts.markup import BASE, el, heading, say
from .session import SIGN_IN, begin, end, had_one, page_after, visitor_of

ENDED = "Your key was revoked or has expired, so you were signed out. Sign in with another one."
WRONG = "This key is not valid, has expired, or was revoked. Check it, or ask for a new one."


def install(workspace: Workspace) -> None:
    """The routes of signing in and out."""

    @ui.page(SIGN_IN, title="Sign in · AetherSegment")
    async def sign_in(request: Request) -> Response | None:
        if await run_in_threadpool(visitor_of, request, workspace) is not None:
            return RedirectResponse(BASE + page_after(request.query_params.get("next")), 303)
        _form(ENDED if had_one(request) else "")
        return None

    @app.post(SIGN_IN, include_in_schema=False)
    async def signing_in(request: Request) -> Response:
        if not _is_ours(request):
            return Response("This form was sent from another site.", 403)
        form = await request.form()
        given, then = form.get("key"), page_after(form.get("next"))
        text = given.strip() if isinstance(given, str) else ""
        key = await run_in_threadpool(verify_key, workspace, text) if text else None
        if key is None:
            end(request)
            again = urlencode({"wrong": 1, "next": then})
            return RedirectResponse(f"{BASE}{SIGN_IN}?{again}", 303)
        begin(request, key)
        return RedirectResponse(BASE + then, 303)

    @app.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        if not _is_ours(request):
            return Response("This form was sent from another site.", 403)
        end(request)
        return RedirectResponse(f"{BASE}{SIGN_IN}", 303)


def _is_ours(request: Request) -> bool:
    """Whether a form was sent from a page of ours (browsers say where every POST is from)."""
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")


def _form(why: str) -> None:
    request = ui.context.client.request
    if not why and request.query_params.get("wrong"):
        why = WRONG
    with el("div", "gate"), el("form", "card", method="post", action=f"{BASE}{SIGN_IN}"):
        brand()
        heading("Sign in", 1)
        say("Use an API key of this workspace. What you see depends on what it allows.", "soft")
        if why:
            el("p", "note bad", why, role="alert")
        el("input", type="hidden", name="next", value=page_after(request.query_params.get("next")))
        with el("label", "field"):
            el("span", "field-label", "API key")
            el(
                "input",
                "input",
                type="password",
                name="key",
                required=True,
                autofocus=True,
                autocomplete="current-password",
            )
        el("button", "btn primary", "Sign in", type="submit")
        with el("details", "more"):
            el("summary", "", "Where do I get a key?")
            say("Whoever runs the server makes one, and it is shown once:")
            with el("p", "code"):
                el(
                    "span",
                    "mono",
                    "aether keys create --name ada --scopes "
                    "segments:read,segments:write,customers:read",
                )
