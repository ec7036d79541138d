# Géosocle — « make help » liste les cibles.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install install-test demo test hunt check serve bench bench-loading bench-department format lock clean

PYTHON := .venv/bin/python
RECIPES := $(wildcard setup/*)
# Each of the tests' processes has its own PostgreSQL; what is drawn or loaded at once is made for two cores.
# The commands that they run are compiled once, even where the environment forbids it (0.1 to 0.3 s each).
TEST_PROCESSES ?= 2

help: ## cette liste
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## installe ce qui manque : paquets du système et environnement Python
install-test: .venv/.installed-test ## … et ce dont les tests ont besoin

demo: install ## base privée, données d'exemple, services : tout, jusqu'à Ctrl-C
	@setpriv --pdeathsig TERM $(PYTHON) -m geosocle.demo $(ARGS)

test: install-test ## tous les tests (ARGS="-k parcelles" pour en choisir)
	@env -u PYTHONDONTWRITEBYTECODE $(PYTHON) -m pytest -n $(TEST_PROCESSES) --dist worksteal $(ARGS)

hunt: install-test ## 20 000 requêtes au sort, jugées par le monde des exemples ; une fuite est une erreur
	@GEOSOCLE_HUNT_REQUESTS=$${GEOSOCLE_HUNT_REQUESTS:-20000} $(PYTHON) -m pytest -q tests/services/test_hunter.py tests/services/test_schemathesis.py $(ARGS)

check: install-test ## style et format du code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

format: install-test ## met le code en forme
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

serve: install ## les services, sur GEOSOCLE_DSN ou la base privée (ARGS="--port 5001")
	@test -n "$$GEOSOCLE_DSN" || $(PYTHON) -m geosocle database start
	@$(PYTHON) -m geosocle migrate
	@$(PYTHON) -m geosocle serve $(ARGS)

bench: install-test ## mesure Géosocle contre pygeoapi et TiPg
	@$(PYTHON) -m bench $(ARGS)

bench-loading: install-test ## mesure le chargement : 34 feuilles, contre d'autres lecteurs d'EDIGEO
	@$(PYTHON) -m bench.loading $(ARGS)

bench-department: install-test ## … et un département inventé, entier : 4 300 feuilles
	@folder=$$(mktemp -d) && trap "rm -rf $$folder" EXIT && \
	$(PYTHON) data_samples/make.py --department --formats edigeo --output $$folder && \
	$(PYTHON) -m bench.loading --department --folder $$folder --jobs $$(nproc) $(ARGS)

lock: ## recalcule les versions figées (demande uv)
	@setup/lock.sh

clean: ## retire l'environnement Python (la base et ses données restent)
	rm -rf .venv build *.egg-info

.venv/.installed: requirements.lock pyproject.toml $(RECIPES)
	@setup/system.sh
	@setup/python.sh requirements.lock
	@touch $@

.venv/.installed-test: requirements-test.lock .venv/.installed
	@setup/system.sh tests
	@setup/python.sh requirements-test.lock
	@setup/maplibre.sh
	@touch $@
