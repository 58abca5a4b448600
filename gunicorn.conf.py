"""How the web process runs, on a laptop and in a city; gunicorn reads this file by itself.

One worker per instance: consoles use websockets only, so several instances behind one address need no sticky sessions,
and each instance can be restarted alone.
"""

import os
from typing import Any

worker_class = "gevent"
workers = 1
# Websockets live for hours; each console holds one connection.
worker_connections = 4000
# Consoles reconnect within a second: waiting longer for open websockets only delays a restart.
graceful_timeout = 3
timeout = 60
keepalive = 15
# The application logs each request with its id.
accesslog = None
# The nginx in front of it, and the carrier's longest parameters.
limit_request_line = 8190
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Nothing that lives in a process may be made before the fork."""
    from app.wiring import begin_serving

    begin_serving(worker.app.callable)


def child_exit(_server: Any, worker: Any) -> None:
    """Gauges of a dead process must not be added up any longer."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
