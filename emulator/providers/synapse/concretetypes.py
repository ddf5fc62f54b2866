"""The classes that bodies name in `concreteType`. https://rest-docs.synapse.org/rest/

A class that implements an interface always names itself, so that requests, results and errors can be told apart.
"""

MODEL = "org.sagebionetworks.repo.model."
TABLE = f"{MODEL}table."
FILE = f"{MODEL}file."
REQUEST_BODY = f"{MODEL}asynch.AsynchronousRequestBody"

DOWNLOAD = f"{TABLE}DownloadFromTableRequest"
UPLOAD = f"{TABLE}UploadToTableRequest"
APPEND = f"{TABLE}AppendableRowSetRequest"
TRANSACTION = f"{TABLE}TableUpdateTransactionRequest"
QUERY = f"{TABLE}QueryBundleRequest"
NEXT_PAGE = f"{TABLE}QueryNextPageToken"
PREVIEW = f"{TABLE}UploadToTablePreviewRequest"
BULK = f"{FILE}BulkFileDownloadRequest"

MESSAGES = {
    DOWNLOAD: "download-from-table-request",
    UPLOAD: "upload-to-table-request",
    APPEND: "appendable-row-set-request",
    TRANSACTION: "table-update-transaction-request",
    QUERY: "query-bundle-request",
    NEXT_PAGE: "query-next-page-token",
    PREVIEW: "upload-to-table-preview-request",
    BULK: "bulk-file-download-request",
    f"{TABLE}PartialRowSet": "partial-row-set",
    f"{TABLE}RowSet": "row-set-to-append",
    f"{TABLE}ColumnSingleValueQueryFilter": "column-single-value-query-filter",
    f"{TABLE}ColumnMultiValueFunctionQueryFilter": "column-multi-value-function-query-filter",
    f"{TABLE}TextMatchesQueryFilter": "text-matches-query-filter",
    f"{TABLE}FacetColumnValuesRequest": "facet-column-values-request",
    f"{TABLE}FacetColumnRangeRequest": "facet-column-range-request",
}
"""By class: the message that it is."""

INTERFACES = {
    f"{TABLE}TableUpdateRequest": (UPLOAD, APPEND),
    f"{TABLE}AppendableRowSet": (f"{TABLE}PartialRowSet", f"{TABLE}RowSet"),
    f"{TABLE}QueryFilter": (
        f"{TABLE}ColumnSingleValueQueryFilter",
        f"{TABLE}ColumnMultiValueFunctionQueryFilter",
        f"{TABLE}TextMatchesQueryFilter",
    ),
    f"{TABLE}FacetColumnRequest": (f"{TABLE}FacetColumnValuesRequest", f"{TABLE}FacetColumnRangeRequest"),
}
"""By interface: the classes that implement it."""

ADMIN_ONLY = frozenset({f"{MODEL}migration.AsyncMigrationRequest", f"{FILE}FileHandleArchivalRequest"})

OTHER_BODIES = ADMIN_ONLY | {
    f"{MODEL}{name}"
    for name in (
        "table.TableSchemaChangeRequest",
        "table.ViewColumnModelRequest",
        "file.AddFileToDownloadListRequest",
        "file.FileHandleRestoreRequest",
        "download.DownloadListQueryRequest",
        "download.AddToDownloadListRequest",
        "download.DownloadListPackageRequest",
        "download.DownloadListManifestRequest",
        "doi.v2.DoiRequest",
        "report.DownloadStorageReportRequest",
        "schema.CreateSchemaRequest",
        "schema.GetValidationSchemaRequest",
        "agent.AgentChatRequest",
    )
}
"""Request bodies that the vendor knows and no job here does."""

MODELS = frozenset(
    f"{MODEL}{name}"
    for name in (
        *("FileEntity", "Folder", "Project", "Link", "ErrorResponse", "OAuthErrorResponse"),
        *(f"table.{name}" for name in ("TableEntity", "EntityView", "SubmissionView", "MaterializedView", "Dataset")),
        *(
            f"table.{name}"
            for name in ("DownloadFromTableResult", "UploadToTableResult", "QueryResultBundle", "QueryResult")
        ),
        *(f"table.{name}" for name in ("TableUpdateTransactionResponse", "UploadToTablePreviewResult", "RowSet")),
        *("file.S3FileHandle", "file.ExternalFileHandle", "file.BulkFileDownloadResponse"),
    )
) | (frozenset(MESSAGES) - {DOWNLOAD, UPLOAD, APPEND, TRANSACTION, QUERY, NEXT_PAGE, PREVIEW, BULK})
"""Classes that the vendor knows and that are no request bodies."""
