"""Waylay Resources: batch operations, and what they act on.

Split by the vendor's pages; every name and text is the vendor's.

    settings       what is inferred, each in one overridable place
    errors         the error table, and how a broken request is worded
    objects        resources and resource types: who names whom, what has changed
    accounts       credentials, tokens, users
    messages       bodies, addresses, dates
    query          the metadata query language
    listing        paging, the attributes to render, filters, sorting
    resources      create, list, retrieve, update, remove; children, referrers, changes
    resourcetypes  create, list, retrieve, remove
    batch          batch operations: start, follow, finish
    gateway        what the Python client asks on its way
    words          what scenarios may say
    api            the provider, put together
"""

from emulator.providers.waylay.api import api

__all__ = ["api"]
