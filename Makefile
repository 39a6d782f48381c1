.PHONY: check test bench bench-peers fmt generate ptx cuda-test cuda-bench ci

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
ROUNDS ?= 3
RUNS ?= 9

bench-peers: ## the table of docs/bench: ratios to PyTorch, in turns on this machine
	go run ./bench -only "$(ONLY)" -runs $(RUNS) -rounds $(ROUNDS) -peer-command "$(PYTHON) $(PEERS)"

fmt: ## format the source
	gofmt -w .

generate: ## write the generated files anew
	go generate ./...

ptx: ## compile the CUDA kernels; needs clang-16
	op/ptx.sh

cuda-test: ## every test, those of a device on a GPU that must be there
	WHITEBOX_REQUIRE=cuda CGO_ENABLED=0 go test -count=1 -tags whitebox_cuda ./...

cuda-bench: ## time the workloads on a GPU, and add what comes out to docs/bench/cuda.md
	cuda/bench.sh

ci: ## what the build server runs
	bash .ci/run
