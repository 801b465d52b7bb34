import numpy as np

from tests.uplift.trials import trial
from uplift.evidence import EvidenceRule, Judged, NotEnoughEvidence, evidence


def test_evidence_counts_rows_and_responders_by_arm():
    data = trial(0, 600).data
    judged = evidence(data)
    for place, name in enumerate(data.arms):
        rows = [i for i in range(data.n) if data.arm[i] == place]
        assert judged[name] == Judged(name, len(rows), sum(data.outcome[i] != 0 for i in rows))


def test_three_treated_customers_are_not_enough():
    data = trial(0, 600).data
    few = data.take(np.r_[np.flatnonzero(data.arm == 0), np.flatnonzero(data.arm == 1)[:3]])
    found = evidence(few)["first"]
    assert isinstance(found, NotEnoughEvidence)
    assert found.treated == 3
    assert "3 customers who got it" in found.reason
    assert isinstance(evidence(few)["second"], NotEnoughEvidence)
    assert isinstance(evidence(few, EvidenceRule(treated=3, responders=0))["first"], Judged)
