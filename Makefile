# make run        the application with its demo on http://127.0.0.1:5000 (HOST, PORT, DEMO, DATABASE_URL ... can be set)
# make test       everything that is tested, in about half an hour on two cores
# make test-long  the property tests with 500 examples of 50 steps
# make test-days  the tests without a browser, and the demonstration, on days that have made trouble; DAYS="2027-05-01 ..."
# make check      style, types, the order of imports, undeclared libraries
# make bench      the benchmarks, as a table
# make lock       newest versions into the lock files

SHELL := /bin/bash
python := .venv/bin/python
apt := 'chromium-headless-shell|chromium' postgresql libatomic1 fonts-dejavu-core python3-venv

export PYTHONDONTWRITEBYTECODE :=  # whatever the machine says: many processes read what the first has compiled

.PHONY: run test test-long test-days check bench lock
.DEFAULT_GOAL := run

run:
	@tools/venv.sh requirements.txt
	@tools/run.sh

test: .packages
	@$(python) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-long: .packages
	@HYPOTHESIS_PROFILE=long $(python) -m pytest -m property

test-days: .packages
	@tools/packages.sh faketime
	@tools/test-days.sh $(DAYS)

check: .venv-dev
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy
	@$(python) -c 'from importlinter.cli import lint_imports_command as check; check()' --no-cache  # its script would not survive a moved folder
	@$(python) -m deptry .

bench: .packages
	@$(python) -m bench

lock: .venv-dev
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-install.txt
	@for name in requirements requirements-dev requirements-sentry requirements-install; do \
		$(python) -m uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
			--custom-compile-command "make lock" $$name.in --output-file $$name.txt || exit 1; \
	done

.PHONY: .packages .venv-dev
.packages:
	@tools/packages.sh $(apt)
	@tools/venv.sh requirements-dev.txt
.venv-dev:
	@tools/venv.sh requirements-dev.txt
