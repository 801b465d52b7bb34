"""Campaigns on segments: begun with a control group, ended, judged, learned from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from activation_api.campaignschemas import ActivationIn, CampaignList, CampaignOut, LearnedOut
from activation_api.dependencies import OpenWorkspace, SegmentReader, SegmentWriter
from activation_api.problems import documented
from domain.results import CampaignResults
from workflows.activation import activate_segment, end_campaign, list_campaigns, show_campaign
from workflows.measurement import campaign_results
from workflows.recycling import learn_from

router = APIRouter(tags=["campaigns"])


@router.post(
    "/segments/{segment_id}/activate",
    status_code=status.HTTP_201_CREATED,
    responses=documented(400, 401, 403, 404, 409, 422),
)
def activate(
    segment_id: str,
    body: ActivationIn,
    response: Response,
    workspace: OpenWorkspace,
    caller: SegmentWriter,
) -> CampaignOut:
    """Begin a campaign: a random control group is drawn and held out of all pulls, and everybody's
    assignment is frozen with the chance of every arm, as a new version of the segment."""
    begun = activate_segment(workspace, segment_id, body.declared(), actor=caller)
    response.headers["Location"] = f"/api/v1/campaigns/{begun.campaign_id}"
    return CampaignOut.of(begun)


@router.get("/campaigns", responses=documented(401, 403, 422))
def list_all(
    workspace: OpenWorkspace,
    caller: SegmentReader,
    segment: Annotated[str | None, Query(max_length=64, description="Of one segment.")] = None,
) -> CampaignList:
    """Campaigns on segments, the newest first."""
    found = list_campaigns(workspace, segment)
    return CampaignList(campaigns=[CampaignOut.of(one) for one in found])


@router.get("/campaigns/{campaign_id}", responses=documented(401, 403, 404))
def show(campaign_id: str, workspace: OpenWorkspace, caller: SegmentReader) -> CampaignOut:
    """One campaign as it was declared, with how many got each arm."""
    return CampaignOut.of(show_campaign(workspace, campaign_id))


@router.get("/campaigns/{campaign_id}/results", responses=documented(401, 403, 404, 422))
def results(
    campaign_id: str,
    workspace: OpenWorkspace,
    caller: SegmentReader,
    outcome: Annotated[
        str | None, Query(max_length=64, description="Another than it is judged by.")
    ] = None,
) -> CampaignResults:
    """What the campaign has shown so far, as assigned: the lift over those held out, with an
    interval that holds however often you look, or in plain words that there is not enough yet."""
    return campaign_results(workspace, campaign_id, outcome)


@router.post("/campaigns/{campaign_id}/end", responses=documented(401, 403, 404))
def end(campaign_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> CampaignOut:
    """End a campaign before its declared end."""
    return CampaignOut.of(end_campaign(workspace, campaign_id, actor=caller))


@router.post("/campaigns/{campaign_id}/learn", responses=documented(401, 403, 404, 409))
def learn(campaign_id: str, workspace: OpenWorkspace, caller: SegmentWriter) -> LearnedOut:
    """Keep a finished campaign as one that the next training learns from."""
    campaign = learn_from(workspace, campaign_id, actor=caller)
    plain = campaign.model_dump()
    return LearnedOut.model_validate({name: plain[name] for name in LearnedOut.model_fields})
