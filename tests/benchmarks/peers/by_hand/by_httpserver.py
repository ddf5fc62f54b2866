"""The server of pytest-httpserver outside of a test, with the two answers it is to give.

python by_httpserver.py EXCHANGE PORT
"""

import json
import logging
import sys
import threading
from pathlib import Path

from pytest_httpserver import HTTPServer

exchange = json.loads(Path(sys.argv[1]).read_bytes())
logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line for each request
server = HTTPServer(port=int(sys.argv[2]), threaded=True)  # else it hangs up after each answer
server.expect_request(exchange["poll"], method="GET").respond_with_data(
    exchange["task"], content_type="application/json"
)
server.expect_request(exchange["submit"], method="POST").respond_with_data(
    exchange["started"], status=202, content_type="application/json"
)
server.start()
threading.Event().wait()
