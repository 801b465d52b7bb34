"""Erasure of one person: a tombstone at once, then a job that takes them out of everything kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from storage import audit, erasing, jobs, persons, suppressions
from storage.jobs import Job
from workflows.pseudonyms import pseudonym
from workflows.workspace import Workspace

ERASE = "erase"
DRAFTS_WAIT_SECONDS = 600.0
Progress = Callable[[float, str], None]


def request_erasure(workspace: Workspace, customer_id: str, *, actor: str) -> Job:
    """From this moment nobody is given this person, whoever they are; the job does the rest. Asked
    for twice it is one job; asked for again once that was done, it is another, for data that came
    back."""
    now, subject = workspace.now(), pseudonym(workspace, customer_id)
    with workspace.control.write() as session:
        known = suppressions.erasure(session, subject)
        if known is not None and known.done_at is None:
            job = jobs.get(session, known.job_id)
            if job.state is not jobs.JobState.FAILED:
                return job
        job = jobs.enqueue(session, ERASE, {"subject": subject}, now)
        suppressions.bury(session, subject, customer_id, job.id, now)
        audit.append(
            session,
            at=now,
            actor=actor,
            action="erasure.request",
            subject=f"person:{subject}",
            detail={"job": job.id},
        )
    return job


def erase(
    workspace: Workspace,
    subject: str,
    *,
    progress: Progress,
    actor: str,
    wait: Callable[[float], None] = time.sleep,
) -> Mapping[str, Any]:
    """Do the work of a tombstone; the counts of rows that were taken out. It may be begun again
    after a kill at any moment."""
    with workspace.control.read() as session:
        found = suppressions.erasure(session, subject)
    if found is None or found.customer_id is None:
        return {"rows": 0, "snapshots": 0}
    customer_id, root = found.customer_id, workspace.snapshots.root
    stand_in = erasing.blank(subject)
    rows, touched, seen = 0, set[str](), set[str]()
    # What was written from the old data while this ran is gone through in another round.
    while True:
        folders = [one for one in erasing.folders(root) if one.name not in seen]
        if not folders:
            if not _drafts_end(workspace, wait):
                break
            if all(one.name in seen for one in erasing.folders(root)):
                break
            continue
        orders = erasing.orders_of(root, customer_id)
        for place, folder in enumerate(folders):
            count = erasing.erase(folder, customer_id, orders, stand_in)
            rows += count
            touched |= {folder.name} if count else set()
            seen.add(folder.name)
            progress((place + 1) / len(folders) * 0.9, f"{place + 1} of {len(folders)} snapshots")
    now = workspace.now()
    with workspace.control.write() as session:
        rows += persons.delete_rows(session, customer_id)
        suppressions.settle(session, subject, now)
        result = {"rows": rows, "snapshots": len(touched)}
        audit.append(
            session,
            at=now,
            actor=actor,
            action="erasure.done",
            subject=f"person:{subject}",
            detail=result,
        )
    workspace.control.checkpoint()
    return result


def _drafts_end(workspace: Workspace, wait: Callable[[float], None]) -> bool:
    """Wait for snapshots that are being written, perhaps from data that still held the person; True
    where there were any. One that does not grow was left by a process that died."""
    waited, sizes = 0.0, None
    met = False
    while waited < DRAFTS_WAIT_SECONDS:
        drafts = {
            str(path): path.stat().st_size
            for folder in workspace.snapshots.drafts()
            for path in folder.glob("*")
        }
        if not drafts or (waited and drafts == sizes):
            return met
        met, sizes = True, drafts
        wait(1.0)
        waited += 1.0
    return met
