"""Why a customer who belongs to a segment is not given out."""

from __future__ import annotations

from enum import StrEnum

from domain.triggers import Channel

ALL_CHANNELS = "all"


class Exclusion(StrEnum):
    """In the order in which they are told where several hold."""

    ERASED = "erased"
    """The person asked to be forgotten."""
    SUPPRESSED = "suppressed"
    """The company does not want them sent to: a complaint, a bounce, a competitor."""
    UNSUBSCRIBED = "unsubscribed"
    """They asked not to be sent to, on this channel or any."""
    NO_CONSENT = "no_consent"
    """They did not agree to this channel, where the company keeps consents."""
    FREQUENCY_CAP = "frequency_cap"
    """They were sent to as often as the company allows itself."""


STATED = (Exclusion.SUPPRESSED, Exclusion.UNSUBSCRIBED)
"""The reasons that somebody can state; the others follow from what is known."""

CONSENT_COLUMNS = {
    Channel.EMAIL: "email_consent",
    Channel.SMS: "sms_consent",
    Channel.PUSH: "push_consent",
    Channel.ADS: "ads_consent",
}
"""The channels that take consent, and where it is kept in the raw table `customers`."""
