"""iVvy's API, version 1.0: batches of calls, run behind the caller's back.

Split by the vendor's pages; every name and text is the vendor's.

    settings   what is inferred, each in one overridable place
    errors     the error codes, and how they are told
    signing    creating the request: signature and date
    messages   bodies, and which parameter is wrong
    actions    the namespaces and actions that are documented
    calls      the calls within a batch, and what they would have answered alone
    batch      run, progress, results, restart, repost
    notices    the call to `callbackUrl`
    ping       the call that every client begins with
    words      what scenarios may say
    api        the provider, put together
"""

from emulator.providers.ivvy.api import api

__all__ = ["api"]
