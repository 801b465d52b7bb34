"""Discoveries: segments before any campaign."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from activation_api.dependencies import (
    Caller,
    Completion,
    OpenWorkspace,
    SegmentReader,
    SegmentWriter,
)
from activation_api.discoveryschemas import (
    ApplyIn,
    ComparisonOut,
    DiscoveryIn,
    DiscoveryList,
    KeepIn,
    KeptList,
    KeptOut,
    ParametersIn,
)
from activation_api.jobs import job_out
from activation_api.problems import documented
from activation_api.schemas import JobOut
from domain.discovery import Comparison, Discovery, DiscoveryParameters, Recommendation
from workflows.discovery import list_discoveries, show_discovery
from workflows.discoverydefaults import discovery_defaults, save_discovery_defaults
from workflows.jobs import submit_discovery
from workflows.keeping import keep_discovery, list_kept
from workflows.qualification import apply_card

router = APIRouter(prefix="/discoveries", tags=["discoveries"])


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=JobOut | ComparisonOut,
    responses={
        200: {"description": "Nothing is started: confirm it first.", "model": ComparisonOut},
        **documented(400, 401, 403, 404, 422),
    },
)
def start(
    body: DiscoveryIn,
    response: Response,
    workspace: OpenWorkspace,
    caller: SegmentWriter,
    completer: Completion,
) -> JobOut | ComparisonOut:
    """Queue a discovery; poll the job that `Location` names, whose result has the discovery's id.
    The `llm` tier on more than 5,000 rows is first compared with the others, and nothing is
    started without `confirm`."""
    queued = submit_discovery(
        workspace,
        body.over(discovery_defaults(workspace)),
        table=body.table,
        confirmed=body.confirm,
        completer=completer,
    )
    if isinstance(queued, Comparison):
        response.status_code = status.HTTP_200_OK
        return ComparisonOut(comparison=queued)
    response.headers["Location"] = f"/api/v1/jobs/{queued.id}"
    return job_out(queued)


@router.get("", responses=documented(401, 403))
def list_all(workspace: OpenWorkspace, caller: SegmentReader) -> DiscoveryList:
    """Every discovery, the newest first."""
    return DiscoveryList(discoveries=list_discoveries(workspace))


@router.get("/defaults", responses=documented(401, 403))
def defaults(workspace: OpenWorkspace, caller: SegmentReader) -> DiscoveryParameters:
    """What a discovery is made with unless it says otherwise."""
    return discovery_defaults(workspace)


@router.put("/defaults", responses=documented(400, 401, 403, 422))
def save_defaults(
    body: ParametersIn, workspace: OpenWorkspace, caller: Caller
) -> DiscoveryParameters:
    """Change the saved defaults; what is left out stays."""
    return save_discovery_defaults(workspace, actor=caller, **body.values())


@router.get("/kept", responses=documented(401, 403))
def kept(workspace: OpenWorkspace, caller: SegmentReader) -> KeptList:
    """Every kept discovery and its field, the newest first."""
    return KeptList(kept=[KeptOut.of(one) for one in list_kept(workspace)])


@router.get("/{discovery_id}", responses=documented(401, 403, 404))
def show(discovery_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> Discovery:
    """One discovery with its cards; without cards there are no natural segments."""
    return show_discovery(workspace, discovery_id)


@router.post(
    "/{discovery_id}/keep",
    status_code=status.HTTP_201_CREATED,
    responses=documented(400, 401, 403, 404, 409, 422),
)
def keep(discovery_id: str, body: KeepIn, workspace: OpenWorkspace, caller: Caller) -> KeptOut:
    """Keep all segments of a discovery as a field of criteria, whose meaning never changes. The
    audit keeps the person, and the key that told it."""
    made = keep_discovery(workspace, discovery_id, body.name, by=body.kept_by, actor=caller)
    return KeptOut.of(made)


@router.post(
    "/{discovery_id}/segments/{segment}/apply",
    status_code=status.HTTP_201_CREATED,
    responses=documented(400, 401, 403, 404, 409, 422),
)
def apply(
    discovery_id: str, segment: str, body: ApplyIn, workspace: OpenWorkspace, caller: SegmentWriter
) -> Recommendation:
    """A recommendation for a card's customers, and its rules as a draft that a person approves."""
    return apply_card(workspace, discovery_id, segment, name=body.name, actor=caller)
