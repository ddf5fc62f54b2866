"""A running emulator in a test's hands: the clock, scenarios, jobs, the journal. Needs the standard library alone."""

from emulator.client.attached import AsyncAttached, Attached, ClockWish, attach
from emulator.client.callbacks import AsyncCallbacks, Callback, Callbacks
from emulator.client.clock import AsyncClock, Clock, ClockState, Mover
from emulator.client.errors import EmulatorError, NotStartedError, ProblemError, UnreachableError, VerificationError
from emulator.client.jobs import AsyncJobs, Job, Jobs, Moment
from emulator.client.namespace import AsyncNamespace, Namespace
from emulator.client.receiver import DROP, Delivery, Receiver, Reply
from emulator.client.requests import AsyncRequests, Exchange, Filter, Half, Message, Requests
from emulator.client.scenarios import Playing

__all__ = [
    "DROP",
    "AsyncAttached",
    "AsyncCallbacks",
    "AsyncClock",
    "AsyncJobs",
    "AsyncNamespace",
    "AsyncRequests",
    "Attached",
    "Callback",
    "Callbacks",
    "Clock",
    "ClockState",
    "ClockWish",
    "Delivery",
    "EmulatorError",
    "Exchange",
    "Filter",
    "Half",
    "Job",
    "Jobs",
    "Message",
    "Moment",
    "Mover",
    "Namespace",
    "NotStartedError",
    "Playing",
    "ProblemError",
    "Receiver",
    "Reply",
    "Requests",
    "UnreachableError",
    "VerificationError",
    "attach",
]
