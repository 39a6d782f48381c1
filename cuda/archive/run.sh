#!/usr/bin/env bash
# Tests and times whitebox on this machine's GPU. It needs bash, NVIDIA's driver and
# CUDA's run-time libraries; neither Go nor a network.
#
#   ./run.sh [-o FOLDER] [-t SECONDS] [-q] [PART...]
#
#   -o   where the results go: at most 8 files of at most 16 MiB; $OUT, or ./results
#   -t   for how long, in all (530); a part ends when its share of that is over, and
#        what it leaves is for the parts after it
#   -q   quick: the tests of a few ops, and few steps of training
#
# Parts: 1 what is there, 2 every test, 3 training on the CPU and on the GPU,
# 4 timings on the GPU and PyTorch's, 5 timings by threads, 6 compute-sanitizer on the
# ops, 7 the longest kernels by Nsight Compute. All, if none is named.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${OUT:-results} total=530 quick='' device=cuda:0
cap=$((16 << 20))

usage() {
	sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

# say prints a line, set apart.
say() { printf '== %s\n' "$*"; }

while getopts o:t:qh flag; do
	case $flag in
	o) out=$OPTARG ;;
	t) total=$OPTARG ;;
	q) quick=1 ;;
	h)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
done
shift $((OPTIND - 1))
parts=("$@")
((${#parts[@]})) || parts=(1 2 3 4 5 6 7)
[[ $total =~ ^[1-9][0-9]*$ ]] || {
	echo "-t $total: want seconds" >&2
	exit 2
}
for p in "${parts[@]}"; do
	[[ $p =~ ^[1-7]$ ]] || {
		echo "part $p: want numbers from 1 to 7" >&2
		exit 2
	}
done
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
bin=$here/bin tests=$here/bin/tests
python=${PYTHON:-}
[[ -n $python ]] || python=$(command -v python3 || command -v python || true)
cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
theirs=${LD_LIBRARY_PATH:-} # for programs that bring libraries of their own

# shellcheck source=SCRIPTDIR/libraries.sh
source "$here/libraries.sh"

# share prints the seconds that a part gets when all parts get $total.
share() {
	case $1 in
	1) echo 20 ;;
	2) echo 160 ;;
	3) echo 50 ;;
	4) echo 140 ;;
	5) echo 60 ;;
	6) echo 65 ;;
	7) echo 35 ;;
	esac
}

# within runs a command for as long as the part in hand may run, or for less: $1
# hundredths of that.
within() {
	local left=$(((until - SECONDS) * $1 / 100))
	shift
	((left > 0)) || {
		echo "the time of this part was up before: $*"
		return 124
	}
	timeout -k 5 "$left" "$@"
	local rc=$?
	((rc != 124 && rc != 137)) || echo "stopped after $left s, when its time was up: $*"
	return "$rc"
}

# there reports whether a command is there, and says so if not.
there() {
	command -v "$1" >/dev/null && return 0
	echo "skipped: $1 is not installed here"
	return 1
}

# torch runs Python as it was found, without the libraries that are found for us.
torch() { env LD_LIBRARY_PATH="$theirs" "$python" "$@"; }

part_1() { # what is there
	cat "$here/VERSION"
	libraries_report
	within 60 "$bin/doctor"
	if command -v nvidia-smi >/dev/null; then
		within 20 nvidia-smi --query-gpu=name,driver_version,memory.total,memory.free,power.limit,clocks.max.sm --format=csv
	else
		echo "nvidia-smi is not installed here"
	fi
	if [[ -n $python ]]; then
		torch -c 'import sys; print("Python", sys.version.split()[0])
try:
    import torch; print("PyTorch", torch.__version__, "for CUDA", torch.version.cuda, "- GPU", torch.cuda.is_available())
except Exception as e: print("PyTorch cannot be used:", type(e).__name__, e)'
	else
		echo "there is no Python"
	fi
	printf 'processor: %s cores, %s\n' "$cores" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)"
}

part_2() { # every test
	local only='' left=$((until - SECONDS))
	[[ -z $quick ]] || only=internal/op/relu,internal/op/codingrate,nn,cuda
	((left > 0)) || left=1
	WHITEBOX_REQUIRE=cuda "$tests" all -tree "$here/tree" -log "$out/2-tests.log" -limit "${left}s" -only "$only"
}

part_3() { # training
	local epochs=100 d
	local -a small=()
	[[ -z $quick ]] || epochs=4 small=(-train 200 -test 100 -batch 100 -dim 32)
	for d in cpu "$device"; do
		say "compare -epochs $epochs ${small[*]} -device $d: $((2 * epochs)) steps under each objective, of the digits"
		within 48 "$bin/compare" -epochs "$epochs" "${small[@]}" -device "$d" -out "$work/${d%:*}" 2>"$work/said" || {
			tail -5 "$work/said"
			return 1
		}
		grep 'first step' "$work/said"
	done
	say "side by side"
	"$tests" beside "$work/cpu" "$work/cuda"
}

# against prints a peer's lines, ours, and the ratios.
against() {
	cat "$1"
	if ! grep -q '"workload"' "$1"; then
		echo "PyTorch timed nothing"
		return 1
	fi
	grep '"workload"' "$1" >"$1.lines"
	within 95 "$bin/bench" -device "$device" -only "$2" -runs 9 -peer "$1.lines"
}

part_4() { # timings on the GPU
	local only='' runs=9 rc=0 n
	[[ -z $quick ]] || only=gemm_nn_128 runs=2
	cd "$here" || return 1
	if [[ -z $python ]] || ! torch -c 'import torch,sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
		echo "skipped: there is no PyTorch that uses this GPU; ours alone:"
		within 95 "$bin/bench" -device "$device" -only "$only" -runs "$runs"
		return
	fi
	for n in 1 2; do
		say "round $n: PyTorch, eager, and then ours"
		within 40 env LD_LIBRARY_PATH="$theirs" "$python" peers/torch_peers.py --device cuda --runs "$runs" --only "$only" >"$work/eager" || rc=1
		against "$work/eager" "$only" || rc=1
	done
	say "PyTorch, compiled, and then ours"
	only=${only:-mlp,lista,resnet}
	within 75 env LD_LIBRARY_PATH="$theirs" "$python" peers/torch_peers.py --device cuda --compile --runs "$runs" --only "$only" >"$work/compiled" || rc=1
	against "$work/compiled" "$only" || rc=1
	return "$rc"
}

part_5() { # timings by threads
	local list='' n only=gemm,mcr2,mlp,lista,redunet,ista,resnet18
	for n in 1 2 4 8 16; do
		((n > cores)) || list=$list,$n
	done
	[[ -z $quick ]] || only=gemm_nn_128
	say "bench -threads ${list#,} on the processor"
	within 98 "$bin/bench" -threads "${list#,}" -runs 3 -only "$only"
}

part_6() { # compute-sanitizer
	local rc=0 tool name
	there compute-sanitizer || return 0
	: >"$work/jobs"
	for tool in memcheck racecheck; do
		"$tests" list | grep '/op/' | while read -r name; do
			printf '%s %s\n' "$tool" "$name"
			[[ -z $quick ]] || break
		done >>"$work/jobs"
	done
	export -f sanitize
	export tests here work
	# shellcheck disable=SC2016 # its own arguments
	local left=$((until - SECONDS - 3))
	((left > 0)) || left=1
	timeout -k 5 "$left" xargs -P "$((cores > 8 ? 4 : 2))" -L 1 bash -c 'sanitize "$@"' _ <"$work/jobs" || rc=1
	((SECONDS < until - 3)) || rc=0 # the time was up, which is no error
	printf '%d of %d done\n' "$(find "$work" -name '*.rc' | wc -l)" "$(wc -l <"$work/jobs")"
	for tool in "$work"/*.said; do
		[[ -e $tool ]] || continue
		if grep -q 'SUMMARY: 0 errors\|SUMMARY: 0 hazards' "$tool"; then continue; fi
		say "$(basename "$tool" .said)"
		grep '=========' "$tool" | head -60
	done
	return "$rc"
}

# sanitize runs a package's tests under a tool of compute-sanitizer, and prints a line.
# shellcheck disable=SC2317 # xargs calls it
sanitize() {
	local tool=$1 name=$2 file
	file=$work/$tool-${name//\//-}
	(cd "$here/tree/$name" && WHITEBOX_REQUIRE=cuda compute-sanitizer --tool "$tool" --error-exitcode 86 "$tests" run "$name" -test.short) >"$file.said" 2>&1
	local rc=$?
	echo "$rc" >"$file.rc"
	printf '%-10s %-28s exit %d, %s\n' "$tool" "$name" "$rc" "$(grep -h 'SUMMARY' "$file.said" | tail -1)"
	return $((rc != 0))
}

part_7() { # the longest kernels
	there ncu || return 0
	local metrics=gpu__time_duration.sum,sm__throughput.avg.pct_of_peak_sustained_elapsed,gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed,dram__throughput.avg.pct_of_peak_sustained_elapsed,sm__warps_active.avg.pct_of_peak_sustained_active,launch__registers_per_thread
	local only
	for only in mlp_mcr2_step_b512 resnet18_ce_step_b32; do
		say "$only"
		within 48 ncu --csv --page raw --graph-profiling node --launch-count 600 --metrics "$metrics" "$bin/bench" -device "$device" -only "$only" -runs 1 >"$work/ncu" 2>"$work/said"
		"$tests" kernels "$work/ncu" || {
			echo "skipped: Nsight Compute measured nothing:"
			grep -h '==ERROR==\|==WARNING==\|ERR_' "$work/ncu" "$work/said" | head -5
		}
		[[ -z $quick ]] || break
	done
}

part() {
	case $1 in
	1) part_1 ;;
	2) part_2 ;;
	3) part_3 ;;
	4) part_4 ;;
	5) part_5 ;;
	6) part_6 ;;
	7) part_7 ;;
	esac
}

names=('' doctor tests compare gpu threads sanitizer kernels)
libraries_find
failed=()
due=0 # when the parts so far ought to be over, in shares
all=0
for p in "${parts[@]}"; do all=$((all + $(share "$p"))); done
for p in "${parts[@]}"; do
	due=$((due + $(share "$p")))
	until=$((total * due / all))
	((p != 1 || until > 30)) || until=30 # or nothing is known
	file=$out/$p-${names[p]}.txt
	say "part $p, ${names[p]}, until second $until of $total"
	began=$SECONDS
	part "$p" 2>&1 | head -c "$cap" | tee "$file"
	rc=${PIPESTATUS[0]} verdict='all well'
	if ((rc != 0)); then
		failed+=("$p") verdict="not all well, exit $rc"
	fi
	say "part $p: $verdict, $((SECONDS - began)) s"
	if [[ -e $out/2-tests.log && $(wc -c <"$out/2-tests.log") -gt $cap ]]; then
		tail -c "$cap" "$out/2-tests.log" >"$work/log" && cp "$work/log" "$out/2-tests.log"
	fi
	if [[ $p = 1 ]] && ! grep -q '^cuda:0' "$file"; then
		say "there is no GPU to test: see $file"
		exit 3
	fi
done
say "results in $out:"
(cd "$out" && ls -l -- *)
((${#failed[@]} == 0)) || say "not all well: parts ${failed[*]}"
exit $((${#failed[@]} > 0))
