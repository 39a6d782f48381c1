.PHONY: check test bench bench-peers bench-change fmt generate ptx cuda-archive ci

check: ## what a program can say about the source
	bash .ci/run check generate

test: ## every test
	go test ./...

bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem ./...

# The peer of bench-peers, a script that prints lines as ./bench does; the one here
# needs PyTorch: on Debian, python3-torch and libopenblas0-pthread.
PYTHON ?= python3
PEERS ?= bench/torch_peers.py
ONLY ?=
LEVEL ?=
ROUNDS ?= 3
RUNS ?= 9
PARENT ?= auto

bench-peers: ## the table of docs/bench: ratios to PyTorch, in turns on this machine
	go run ./bench -only "$(ONLY)" -level "$(LEVEL)" -runs $(RUNS) -rounds $(ROUNDS) -peer-command "$(PYTHON) $(PEERS)"

bench-change: ## what is here against the commit before it (or PARENT), in turns, and whether noise is larger
	go run ./bench -only "$(ONLY)" -runs $(RUNS) -rounds $(ROUNDS) -change $(PARENT)

fmt: ## format the source
	gofmt -w .

generate: ## write the generated files anew
	go generate ./...

ptx: ## compile the CUDA kernels; needs clang-16
	op/ptx.sh

# Some of CIFAR-10 to take along, a .tar.gz in its binary layout; empty is none.
CIFAR ?= $(wildcard ../shared/data/cifar-10-subset.tar.gz)

cuda-archive: ## what tests and times on a machine with a GPU and without Go; needs xz
	CGO_ENABLED=0 go run ./cuda/archive -o whitebox-cuda.tar.xz -cifar "$(CIFAR)"

ci: ## what the build server runs
	bash .ci/run
