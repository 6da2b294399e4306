# docker build -t moraine .
# docker run -p 8000:8000 moraine                                             the simulated inventory
# docker build --build-arg DATASET=out/baked -t moraine .                     with a dataset in it, see docs/deploy.md
# docker run -p 8000:8000 -v "$PWD/out/hkh:/datasets/hkh:ro" -e MORAINE_DATASETS=/datasets/hkh moraine
# compose.yaml runs three of it behind a proxy.

FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt .
# CPU torch comes first and alone: only it needs the extra index, and asking that one for every package takes minutes. pip has no business in
# what is served.
RUN python -m venv /venv \
    && grep -E '^(--extra-index-url|torch==)' requirements.txt >torch.txt && grep -vE '^(--extra-index-url|torch==)' requirements.txt >rest.txt \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --retries 1 -r torch.txt \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r rest.txt \
    && /venv/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
# rasterio's GDAL links the system's libexpat, which the slim image lacks; Debian has but one version of it at a time.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libexpat1 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent moraine \
    && mkdir /state /datasets && chown moraine:moraine /state
COPY --from=build /venv /venv
WORKDIR /moraine
COPY app.py LICENSE README.md pyproject.toml ./
COPY data data
COPY models models
COPY modules modules
# A dataset baked in opens where nobody names another one. Without one the licence is copied, once more, and nothing is opened.
ARG DATASET=LICENSE
COPY ${DATASET} /baked/
# Compiled here once, because the user below may not write beside the sources.
RUN if [ -f /baked/dataset.toml ]; then echo 'datasets = ["/baked"]' >moraine.toml; fi \
    && /venv/bin/python -m compileall -q app.py data models modules
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MORAINE_STATE_DIR=/state
USER 10001
VOLUME ["/datasets", "/state"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4).read()"]
CMD ["python", "-m", "shiny", "run", "--host", "0.0.0.0", "--port", "8000", "app.py"]
