"""`/__admin`: our own API, which never leaks into a vendor's. Errors are problem+json.

api         the dispatch: guard, contract, handler, contract again
guard       who may ask: Host, Origin, token
operations  one function per operation
scenarios   the operations on scenarios
callbacks   the operation on callbacks
paging      pages of lists
"""

from emulator.admin.api import Admin
from emulator.admin.guard import Guard

__all__ = ["Admin", "Guard"]
