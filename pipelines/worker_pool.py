"""Where a cluster's Python workers come from: one is started for each task manager that asks.

    python -m pipelines.worker_pool 127.0.0.1:50000

Beam's own pool listens on every network, starts whatever `python` is first in the path, and ends workers by a
name that two task managers may both use. This one listens where it is told to; its workers begin with all
modules loaded, and each ends with the task manager it works for. See docs/cluster.md.
"""

import argparse
import multiprocessing
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import FrameType
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc

#: loaded before there is work; a model is loaded by the worker, since only the job names it
_NEEDED = ["apache_beam.runners.worker.sdk_worker", "pipelines.plan", "transforms.detection.detector"]
#: seconds that a worker gets to end by itself
_PATIENCE = 10


class _Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    def __init__(self, context: ForkServerContext) -> None:
        self._context = context
        self._workers: list[ForkServerProcess] = []

    def StartWorker(self, request: Any, context: Any) -> Any:
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        worker = self._context.Process(
            target=work_for, args=(request.control_endpoint.url, request.worker_id), daemon=True
        )
        worker.start()
        self._workers.append(worker)
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:
        # It ends with its stream; its name may be that of another task manager's worker as well.
        return beam_fn_api_pb2.StopWorkerResponse()

    def end_workers(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join(_PATIENCE)
            worker.kill()


def work_for(task_manager: str, name: str) -> None:
    """Address of a task manager's control service → nothing, when it has nothing more to do."""
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        SdkHarness(task_manager, worker_id=name, state_cache_size=0, data_buffer_time_limit_ms=-1).run()
    except grpc.RpcError as error:
        # The task manager is gone, and its job with it.
        sys.exit(f"worker {name} of {task_manager}: {error.code()}")


def serve(address: str) -> int:
    """Address to listen at → exit code, when it is told to stop; its workers stop with it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_NEEDED)
    pool = _Pool(context)
    server = grpc.server(ThreadPoolExecutor(4))
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        print(f"worker_pool: can't listen at {address}: {error}", file=sys.stderr)
        return 2

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.start()
    server.wait_for_termination()
    pool.end_workers()
    return 0


def main() -> int:
    """Command line → exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipelines.worker_pool",
        description="Starts Python workers for a cluster's task managers.",
    )
    parser.add_argument("address", nargs="?", default="127.0.0.1:50000", help="where to listen: HOST:PORT")
    return serve(parser.parse_args().address)


if __name__ == "__main__":
    # By the name of its module: what is in __main__ is not found where workers begin.
    from pipelines import worker_pool

    sys.exit(worker_pool.main())
