# The two commands: `make run` starts the whole portal, `make test` checks all of it. The rest is for working on it.

.PHONY: run test check fmt front lock bench clean

run:
	@exec python3 scripts/bootstrap.py run

test:
	@exec python3 scripts/bootstrap.py test

check:
	@exec python3 scripts/bootstrap.py check

fmt:
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet .

front:
	@exec python3 scripts/bootstrap.py front

lock:
	@exec python3 scripts/bootstrap.py lock

bench:
	@.venv/bin/python -m benchmarks.$(NAME) $(ARGS)

clean:
	@rm -rf .venv node_modules static/build .mypy_cache .ruff_cache .pytest_cache
