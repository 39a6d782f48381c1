.PHONY: check test bench fmt ci

check: ## what a program can say about the source
	bash .ci/run check

test: ## every test
	go test ./...

bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem ./...

fmt: ## format the source
	gofmt -w .

ci: ## what the build server runs
	bash .ci/run
