.PHONY: install
install:
	python3 -m venv .venv
