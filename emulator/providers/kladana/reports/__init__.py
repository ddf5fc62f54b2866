"""Reports. https://dev.kladana.com/doc/api/remap/1.2/reports/

A row is a function of the account and its number, so a report is the same however often and in whatever slices it is
fetched, at once or as a task, and none of it is kept.

    report      what a report is: an entry of the table
    table       all of them
    operations  served at once, or as a task
    books       what an account has: objects and their ids, by number
    goods, parts, period    what several pages share
    stock, profit, money, plotseries, counterparty, dashboard, assortment    the vendor's pages
"""
