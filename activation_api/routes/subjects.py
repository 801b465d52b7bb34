"""The rights of one person: to see what is held on them, and to be forgotten."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Response, status

from activation_api.dependencies import Caller, OpenWorkspace, needs
from activation_api.jobs import job_out
from activation_api.privacyschemas import HeldData
from activation_api.problems import documented
from activation_api.schemas import CustomerId, JobOut
from domain.scopes import Scope
from workflows.erasure import request_erasure
from workflows.subject import held_on

router = APIRouter(prefix="/customers", tags=["customers"])


@router.get("/{customer_id}/data", response_model=HeldData, responses=documented(401, 403, 404))
def data(
    customer_id: Annotated[CustomerId, Path()],
    workspace: OpenWorkspace,
    caller: Annotated[str, needs(Scope.CUSTOMERS_READ, Scope.PII_READ)],
) -> Response:
    """Everything that is held on one customer, for that customer; the audit keeps that it was."""
    held = {"customer_id": customer_id, "held": held_on(workspace, customer_id, actor=caller)}
    return Response(orjson.dumps(held, default=str), media_type="application/json")


@router.delete(
    "/{customer_id}",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(401, 403, 409),
)
def forget(
    customer_id: Annotated[CustomerId, Path()],
    response: Response,
    workspace: OpenWorkspace,
    caller: Caller,
) -> JobOut:
    """Forget one customer: nobody is given them from this moment, and the job that `Location` names
    takes them out of everything that is kept. Known or not, the answer is the same."""
    job = request_erasure(workspace, customer_id, actor=caller)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job_out(job)
