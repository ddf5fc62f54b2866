"""Synapse: asynchronous job services, and what clients ask on the way there and back.

Split by the vendor's pages; every name and text is the vendor's.

    settings       what is inferred, each in one overridable place
    concretetypes  the classes that bodies name, and the messages they stand for
    errors         the error table, and the exceptions that end jobs
    users          tokens, who is who, what each may do
    filters        what stands before the services, in its order
    messages       bodies as the vendor reads them: by class, unknown properties dropped
    objects        what is kept beside jobs
    sql            the part of the query language that is answered
    tables         tables, their columns and rows
    csvfiles       rows as CSV files, and back
    files          file handles, batches of them, links that expire
    queries        what query jobs answer
    updates        what upload jobs and transactions do
    previews       what is told of a file before it is uploaded
    work           what each type of job is checked for and does
    jobs           launch, status, cancel
    services       the start/get pairs
    stack          version, status, the profile of who asks
    words          what scenarios may say
    api            the provider, put together
"""

from emulator.providers.synapse.api import api

__all__ = ["api"]
