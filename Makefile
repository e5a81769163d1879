# What a contributor and .ci/run do, by name. All of it with the Python of the environment that is active.
.PHONY: help install doctor first-light lint format types mypy docs gallery test test-slow test-slurm test-mpi sdist-test digests

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

install:  ## darklat and what its tests need
	pip install --quiet --no-compile '.[dev]'  # modules are compiled when they are first imported

doctor:  ## what this machine lacks
	darklat doctor

first-light:  ## the README's first run, elsewhere: a minute
	work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && \
	cd "$$work" && darklat run first_light && test -s runs/first_light/figures/series.png

lint:  ## ruff: rules and format
	ruff check .
	ruff format --check .

format:  ## let ruff mend them
	ruff check --fix .
	ruff format .

types:  ## mypy, on a copy: it does not see an editable install
	copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && \
	pip install --quiet --no-deps --target "$$copy" . && MYPYPATH="$$copy" mypy

mypy:  ## the same, of what `make install` has installed
	mypy

docs:  ## the site, into build/site; a warning is an error
	python website/build.py build/site

gallery:  ## the pictures of docs/gallery.md, again: minutes
	python website/gallery.py

test:  ## all but the next two: minutes on all cores
	pytest -q -n auto --dist loadfile --no-loadscope-reorder

test-slow:  ## the tests that take minutes each
	pytest -q -m slow

test-slurm:  ## with a real Slurm: apt-get install slurm-wlm munge
	pytest -q -m slurm

test-mpi:  ## with several processes, of every model: apt-get install openmpi-bin
	pytest -q -m mpi

sdist-test:  ## source distribution and wheel, built, installed and tested elsewhere
	.ci/sdist-test

digests:  ## of all that small runs compute: the same before and after a change of form
	python benchmarks/digests.py
