# make run: from a fresh clone to the app in a browser. make test: everything that must hold.
# PYTHON=/path/to/python3 chooses the Python that .venv is made with.
SHELL := /bin/sh
PY := .venv/bin/python
HOST ?= 127.0.0.1
PORT ?= 8000
SAMPLES := tests/test_soak_sample.py
export PYTHON
export PIP_ROOT_USER_ACTION ?= ignore
# The tests start some two hundred processes, each of which would compile the same files again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test fix check lint unit browser test-real bench soak screenshots plotly lens deploy bundle clean setup setup-dev

run: setup
	exec $(PY) -m shiny run --host $(HOST) --port $(PORT) app.py

# Unit and browser tests run in processes of their own (Shiny's test server and a browser do not share one), side by side, and samples of
# the suites of make soak follow the browser, so that both cores are busy to the end. All always run to the end, and what the unit tests
# say stands below the others'. They give way: a browser that waits is a test that fails. So do the types, which take half a minute of
# one core.
test: lint
	$(PY) -m tests.browser.chromium
	mkdir -p .pytest_cache
	rm -f .pytest_cache/not-tested*
	status=0; \
	nice -n 5 $(PY) -m pytest --ignore=tests/browser --ignore=$(SAMPLES) --tally .pytest_cache/not-tested-unit >.pytest_cache/unit.log 2>&1 & unit=$$!; \
	nice -n 5 .venv/bin/pyright >.pytest_cache/types.log 2>&1 & types=$$!; \
	trap 'kill -INT $$unit $$types; wait $$unit; exit 130' INT TERM HUP; \
	$(PY) -m pytest tests/browser --tally .pytest_cache/not-tested-browser || status=1; \
	$(PY) -m pytest $(SAMPLES) || status=1; \
	wait $$types || status=1; \
	wait $$unit || status=1; \
	cat .pytest_cache/unit.log .pytest_cache/types.log .pytest_cache/not-tested-browser; \
	exit $$status

check: lint
	.venv/bin/pyright

lint: setup-dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check

unit: setup-dev
	$(PY) -m pytest --ignore=tests/browser

browser: setup-dev
	$(PY) -m tests.browser.chromium
	$(PY) -m pytest tests/browser

# The tests on real data, which fail here where make test would skip them.
test-real: setup-dev
	$(PY) -m tests.browser.chromium
	status=0; \
	$(PY) -m pytest -m real --require-real --ignore=tests/browser || status=1; \
	$(PY) -m pytest -m real --require-real tests/browser || [ $$? = 5 ] || status=1; \
	exit $$status

fix: setup-dev
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

# make bench ONLY=trends runs the benchmarks whose names begin so.
bench: setup-dev
	$(PY) -m tests.bench $(ONLY)

soak: setup-dev
	$(PY) -m tests.soak $(ONLY)

screenshots: setup-dev
	$(PY) -m tests.browser.chromium
	$(PY) -m tests.browser.screenshots

# The part of plotly.js that the figures use, from its sources (docs/loading.md); needs Node 20 or newer.
plotly:
	cd .ci/plotly && npm ci --ignore-scripts --no-audit --no-fund && node build.mjs

# The lenses that Moraine comes with, from nothing: the simulated dataset, three seeds of each network, and what they show. Some two hours on
# two cores; what is there already is not made again (`rm -r $(LENSES)` first, to begin anew).
LENSES := out/lens
lens:
	@.ci/setup lens
	$(PY) -m data simulate --into $(LENSES)/base $$([ ! -e $(LENSES)/base/dataset.toml ] || echo --resume)
	set -e; for seed in 0 1 2; do for model in unet guided_unet; do \
		$(PY) -m models train $$model --dataset $(LENSES)/base --into $(LENSES)/$$model-$$seed --seed $$seed; \
		$(PY) -m models lens $(LENSES)/$$model-$$seed --dataset $(LENSES)/base --into models/runs/$$model-$$seed \
			--maps $$([ $$seed = 0 ] && echo 6 || echo 0) --force; \
	done; done

# make deploy TARGET=connect DATASET=out/mine packs the dataset, builds the bundle in out/deploy, checks it, and sends it where the credentials
# are set (docs/deploy.md); make bundle does all but send it. TORCH=yes: the networks can run there.
TARGET ?= connect
deploy bundle:
	@.ci/setup deploy
	@[ -n "$(DATASET)" ] || { echo "Which dataset? make $@ TARGET=$(TARGET) DATASET=FOLDER" >&2; exit 2; }
	$(PY) .deploy/deploy.py $(TARGET) --dataset $(DATASET) $(if $(MAX_MB),--max-mb $(MAX_MB)) $(if $(filter yes,$(TORCH)),--torch) \
		$(if $(filter bundle,$@),--build-only)

setup:
	@.ci/setup app

setup-dev:
	@.ci/setup dev

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis screenshots bench.json soak.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
