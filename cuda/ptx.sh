#!/usr/bin/env bash
# Compiles every .cu file of the module to PTX for compute capability 7.0, beside
# it. It needs clang 16 (Debian: clang-16) and nothing of CUDA.
#
#   cuda/ptx.sh           write the .ptx files
#   cuda/ptx.sh check     say which of them are not what the compiler makes
set -euo pipefail
cd "$(dirname "$0")/.."
clang=${CLANG:-clang-16}
made=$(mktemp)
trap 'rm -f "$made"' EXIT
status=0
while IFS= read -r file; do
	"$clang" -x cuda --cuda-device-only --cuda-gpu-arch=sm_70 -nocudainc -nocudalib -O3 -S -I cuda "$file" -o "$made"
	ptx=${file%.cu}.ptx
	if cmp -s "$made" "$ptx"; then
		continue
	fi
	if [ "${1:-}" = check ]; then
		echo "$ptx is not what $clang makes of $file: run make ptx"
		status=1
	else
		cp "$made" "$ptx"
		chmod 644 "$ptx"
		echo "$ptx"
	fi
done < <(find . -name '*.cu' -not -path './.git/*' | sort)
exit $status
