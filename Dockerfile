# docker build -t moraine .
# docker run -p 8000:8000 moraine                                                                   the simulated inventory
# docker run -p 8000:8000 -v "$PWD/out/hkh:/datasets/hkh:ro" -e MORAINE_DATASETS=/datasets/hkh moraine  your own dataset

FROM python:3.11-slim-bookworm AS build
COPY requirements.txt .
# CPU torch: the requirements pin the build and name its index.
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim-bookworm
# rasterio's GDAL links the system's libexpat, which the slim image lacks.
RUN apt-get update && apt-get install -y --no-install-recommends libexpat1 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home moraine \
    && mkdir /state /datasets && chown moraine:moraine /state
COPY --from=build /venv /venv
WORKDIR /moraine
COPY . .
# Compiled here once, because the user below may not write beside the sources.
RUN /venv/bin/python -m compileall -q app.py data models modules
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MORAINE_STATE_DIR=/state
USER moraine
VOLUME ["/datasets", "/state"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/', timeout=4).read()"]
CMD ["python", "-m", "shiny", "run", "--host", "0.0.0.0", "--port", "8000", "app.py"]
