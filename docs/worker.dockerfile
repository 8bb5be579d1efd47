# An image of a Python worker, with the program and the model that its lock file names. NOT RUN as an image: there was
# no container engine where this was written. The commands of RUN and of the pool were, in a new environment.
# See docs/cluster.md.
#
#   docker build --file docs/worker.dockerfile --target pool --tag alliance-watch-worker .

FROM python:3.11-slim AS program
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir --only-binary :all: --no-deps --require-hashes -r requirements.lock \
 && pip install --no-cache-dir --no-build-isolation --no-deps . \
 && pip install --no-cache-dir --only-binary :all: 'boto3>=1.36' \
 && useradd --uid 1000 worker

# For Flink, beside each task manager (one pod, one network): --environment_type=EXTERNAL
FROM program AS pool
USER worker
STOPSIGNAL SIGTERM
CMD ["python", "-m", "pipelines.worker_pool", "127.0.0.1:50000"]

# For Dataflow (--sdk_container_image) and --environment_type=DOCKER: Beam's own program starts the worker.
FROM program AS dataflow
COPY --from=apache/beam_python3.11_sdk:2.77.0 /opt/apache/beam /opt/apache/beam
USER worker
ENTRYPOINT ["/opt/apache/beam/boot"]
