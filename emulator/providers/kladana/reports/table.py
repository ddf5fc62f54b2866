"""The table of reports: all that the vendor's list of asynchronous requests names, page by page.

17 are seen to be run as tasks; four more are parts of the pages that the list names, so its letter has them too.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from emulator.exchange import Request
from emulator.providers.kladana.general import BASE
from emulator.providers.kladana.reports import assortment, counterparty, dashboard, money, plotseries, profit, stock
from emulator.providers.kladana.reports.report import Report
from emulator.providers.kladana.settings import KladanaWorld

PAGES = (stock, profit, money, plotseries, counterparty, dashboard, assortment)
REPORTS: Mapping[str, Report] = MappingProxyType({each.name: each for page in PAGES for each in page.REPORTS})

PAGES_OF_REPORTS = "stock|profit|money|sales|orders|counterparty|dashboard|turnover"
ENTITIES = (
    "accumulationdiscount|application|assortment|bonusprogram|bonustransaction|bundle|"
    "cashin|cashout|commissionreportin|commissionreportout|consignment|contract|counterparty|"
    "counterpartyadjustment|country|currency|customentity|customerorder|customrole|demand|discount|employee|"
    "enter|expenseitem|facturein|factureout|group|internalorder|inventory|invoicein|invoiceout|"
    "loss|move|organization|paymentin|paymentout|personaldiscount|prepayment|prepaymentreturn|pricelist|"
    "processing|processingorder|processingplan|processingprocess|processingstage|product|productfolder|"
    "project|purchaseorder|purchasereturn|region|retaildemand|retaildrawercashin|retaildrawercashout|"
    "retailsalesreturn|retailshift|retailstore|role|saleschannel|salesreturn|service|specialpricediscount|"
    "store|subscription|supply|task|taxrate|token|uom|variant|webhook"
)
ELSEWHERE = re.compile(f"{BASE}/(report/({PAGES_OF_REPORTS})|entity/({ENTITIES}))(/.*)?")
"""Where the vendor has reports and lists, ours among them."""


def is_asynchronous(world: KladanaWorld, report: Report) -> bool:
    """Whether the report can become a task here."""
    return world.settings.async_by_letter or not report.by_letter


def only_synchronous(request: Request) -> bool:
    """Whether the vendor has a report or a list there: one that cannot become a task, unless it is of the table."""
    return request.method == "GET" and ELSEWHERE.fullmatch(request.path.rstrip("/")) is not None
