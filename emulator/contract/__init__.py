"""A vendor's messages as JSON Schemas and its operations as an OpenAPI 3.1 document.

decoder   the one JSON decoder: what it lets through is JSON beyond doubt
message   one schema, compiled: jsonschema-rs decides, jsonschema explains
openapi   operations, their parameters, bodies and answers, read from the bundled document
router    method and path -> operation
bundle    `schemas/<api>/openapi.yaml` and its messages -> `bundle.json`, which the server reads
"""
