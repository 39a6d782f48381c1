#!/usr/bin/env bash
# Times the workloads of bench on the CPU and on the first GPU, and appends the
# lines to docs/bench/cuda.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
found=$(go run -tags whitebox_cuda ./examples/doctor)
if ! grep -q '^cuda:0' <<<"$found"; then
	printf '%s\n\nthere is no GPU to measure\n' "$found" >&2
	exit 1
fi
cpu=$(go run -tags whitebox_cuda ./bench)
gpu=$(go run -tags whitebox_cuda ./bench -device cuda)
{
	printf '\n## Measured on %s, at %s\n\n```\n%s\n```\n\nOn the CPU:\n\n```\n%s\n```\n\nOn the GPU:\n\n```\n%s\n```\n' "$(date -u +%F)" "$(git describe --always --dirty)" "$found" "$cpu" "$gpu"
} >>docs/bench/cuda.md
