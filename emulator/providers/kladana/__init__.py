"""Kladana (MoySklad) JSON API 1.2, asynchronous exchange.

Split by the vendor's pages; every name and number is the vendor's.

    settings  what is inferred or has changed since, each in one overridable place
    general   dates, metadata, authorization, request headers
    errors    the error table, in English and Russian
    reports   the reports that can be run as tasks
    tasks     tasks: create, list, poll, fetch, cancel
    webhooks  webhooks: register, change, delete
    notices   what webhooks say, when, and what turns them off
    api       the provider, put together
"""

from emulator.providers.kladana.api import api

__all__ = ["api"]
