# Start with `make demo`. PYTHON=/path/to/python3.13 chooses the interpreter.
.DEFAULT_GOAL := help
.PHONY: setup demo classroom controls docs notebooks test lint bench fuzz golden picture lock clean help
bin := .venv/bin
# The caller's own Python settings must not reach into .venv.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYENV_VERSION VIRTUAL_ENV

# The script, not a date, decides what is to do: dates do not show that the folder was moved or its Python removed.
setup: ## make .venv with scantrail in it; at once if it is there already
	@sh tools/setup.sh

demo: captures/demo/.complete ## simulate a week of eight people's scans, judge what it disclosed, and write the report
	$(bin)/scantrail findings captures/demo
	$(bin)/scantrail score captures/demo
	$(bin)/scantrail report captures/demo --city simulation/scansim/cities/hangzhou.toml -o captures/demo/report

# Touched last: a simulation that was broken off is thrown away.
captures/demo/.complete: | setup
	rm -rf captures/demo
	$(bin)/scantrail simulate --seed 1 --people 8 -o captures/demo
	touch $@

classroom: setup ## open the live page: a phone in your hand, what leaves it, and what the server knows by then
	$(bin)/scantrail live --scenario yunlan-class --people 3 --open $(ARGS)

# One week, the same people: what differs is the design. Each is thrown away if it was broken off.
controls: setup ## simulate the same week under every design of "scan", and compare what each tells
	$(MAKE) --no-print-directory $$($(bin)/python -m scansim --list-designs | sed 's|.*|captures/controls/&/.complete|')
	$(bin)/scantrail compare $$($(bin)/python -m scansim --list-designs | sed 's|^|captures/controls/|')

captures/controls/%/.complete: | setup
	rm -rf $(@D)
	$(bin)/scantrail simulate --design $* --seed 1 --people 3 --days 7 -o $(@D)
	touch $@

docs: setup ## build the documentation as a site, docs/_build/site/index.html, and check its links; needs no network
	$(bin)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet --doctree-dir docs/_build/doctrees $(ARGS) docs docs/_build/site
	$(bin)/python -m tools.check_site docs/_build/site

notebooks: setup ## open the notebooks in a browser, to read and to change
	$(bin)/marimo edit --skip-update-check docs/notebooks

test: setup ## run the tests (some need Chromium); ARGS="-k setup" goes to pytest
	$(bin)/python -m pytest $(ARGS)

lint: setup ## check style, format and types
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy

bench: setup ## run the benchmarks
	$(bin)/python -m benchmarks $(ARGS)

# What ends it, and what it has learnt, are kept outside the checkout's tracked files.
fuzz: setup ## give the decoders a million inputs, in ten minutes or more (Linux); ARGS=-runs=50000 for fewer
	@mkdir -p .fuzz
	$(bin)/python tools/fuzz_decoders.py -artifact_prefix=.fuzz/ $(ARGS) .fuzz

golden: setup ## write the golden captures and their expected results anew
	$(bin)/python -m tests.golden $(ARGS)

picture: demo ## take the pictures of the live page and the report in the README (needs Chromium)
	$(bin)/python -m tools.picture captures/demo/report/index.html docs/images

# "." is the project itself, whose extras the group asks for; it is installed from here and so not pinned.
lock: setup ## write requirements.lock anew from pyproject.toml; ARGS=--upgrade takes newer versions
	echo . | $(bin)/uv pip compile - --group dev --universal --python-version 3.12 --generate-hashes \
		--no-emit-package scantrail --custom-compile-command 'make lock' \
		--output-file requirements.lock --quiet $(ARGS)

clean: ## remove .venv, caches, builds and the captures of demo and controls
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz dist build docs/_build captures/demo captures/controls

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile
