.PHONY: check test bench fmt generate ci

check: ## what a program can say about the source
	bash .ci/run check generate

test: ## every test
	go test ./...

bench: ## every benchmark
	go test -run '^$$' -bench . -benchmem ./...

fmt: ## format the source
	gofmt -w .

generate: ## write the generated files anew
	go generate ./...

ci: ## what the build server runs
	bash .ci/run
