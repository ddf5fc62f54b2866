"""Kladana (MoySklad) JSON API 1.2, asynchronous exchange.

Split by the vendor's pages; every name and number is the vendor's.

    settings  what is inferred or has changed since, each in one overridable place
    general   dates, metadata, request headers
    users     who is who; security: who asks, and tokens
    limits    how much may be asked in a time
    errors    the error table, in English and Russian
    paging    pages of lists; filter: what they may be filtered and sorted by
    reports   the reports that can be run as tasks
    tasks     tasks: create, list, poll, fetch, cancel; links: the links to their results
    webhooks  webhooks: register, change, delete; webhook_rules: what they must be
    notices   what webhooks say, when, and what turns them off
    pools     the words that rows are made of
    api       the provider, put together
"""

from emulator.providers.kladana.api import api

__all__ = ["api"]
