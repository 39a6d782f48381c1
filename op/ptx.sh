#!/usr/bin/env bash
# Compiles every .cu file in the current folder, and below, to PTX for compute
# capability 7.0, beside it. They may include device.cuh, which is beside this script.
# It needs clang 16 (Debian: clang-16) and nothing of CUDA. In a module of your own:
#
#   bash "$(go list -f '{{.Dir}}' github.com/whitebox-nn/whitebox/op)/ptx.sh"
#
#   op/ptx.sh             write the .ptx files
#   op/ptx.sh check       say which of them are not what the compiler makes, and, where
#                         CUDA's assembler is (ptxas, or what PTXAS names), which it
#                         refuses for compute capability 7.0, 8.0 or 9.0, or which
#                         spill registers there or use more than 128
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
clang=${CLANG:-clang-16}
made=$(mktemp)
trap 'rm -f "$made"' EXIT
status=0
while IFS= read -r file; do
	"$clang" -x cuda --cuda-device-only --cuda-gpu-arch=sm_70 -nocudainc -nocudalib -O3 -S -I "$here" "$file" -o "$made"
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

ptxas=${PTXAS:-ptxas}
if [ "${1:-}" = check ] && command -v "$ptxas" >/dev/null; then
	while IFS= read -r ptx; do
		for arch in sm_70 sm_80 sm_90; do
			if ! "$ptxas" -v -arch=$arch "$ptx" -o /dev/null 2>"$made"; then
				echo "$ptxas refuses $ptx for $arch:"
				head -3 "$made"
				status=1
			fi
			if grep -E '[1-9][0-9]* bytes (spill|stack frame)' "$made"; then
				echo "$ptx spills registers on $arch"
				status=1
			fi
			if grep -oE 'Used [0-9]+ registers' "$made" | awk '$2 > 128 { print; many = 1 } END { exit !many }'; then
				echo "$ptx uses more registers on $arch than 512 threads have"
				status=1
			fi
		done
	done < <(find . -name '*.ptx' -not -path './.git/*' | sort)
fi
exit $status
