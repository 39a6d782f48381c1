#!/usr/bin/env bash
# The tutorial's Experiment I on this machine's GPU: a ResNet-18 on CIFAR-10 under MCR²
# and under cross-entropy, 128 features, ε² = 0.5, batches of 1000. It trains for as
# long as it may, leaves checkpoints, and goes on from them when it is run again.
#
#   ./experiment.sh [-dir FOLDER] [-m MINUTES] [-o FOLDER] [-d DEVICE] [FLAGS OF compare]
#
#   -dir  where CIFAR-10's binary files lie (data_batch_1.bin … 5, test_batch.bin), or
#         their archive; without it the subset that came along is taken
#   -m    for how long, in all (9)
#   -o    where checkpoints, logs and the report are (./experiment)
#   -d    where to compute (cuda:0)
#
# Of the results, what is small is also put into $OUT if that is set. Flags of compare,
# as -epochs 100 or -chunk 250, come last, and have to be the same when it goes on.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir='' minutes=9 out=experiment device=cuda:0

usage() {
	sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

while (($#)); do
	case $1 in
	-dir | -m | -o | -d)
		if (($# < 2)); then
			echo "$1: want a value" >&2
			exit 2
		fi
		case $1 in
		-dir) dir=$2 ;;
		-m) minutes=$2 ;;
		-o) out=$2 ;;
		-d) device=$2 ;;
		esac
		shift 2
		;;
	-h | -help | --help)
		usage
		exit 0
		;;
	*) break ;;
	esac
done
if ! [[ $minutes =~ ^[1-9][0-9]*$ ]]; then
	echo "-m $minutes: want whole minutes" >&2
	exit 2
fi
python=${PYTHON:-}
[[ -n $python ]] || python=$(command -v python3 || command -v python || true)
# shellcheck source=SCRIPTDIR/libraries.sh
source "$here/libraries.sh"
libraries_find
libraries_report

# unpacked prints what an .xz file holds, by Python where there is no xz.
unpacked() {
	if command -v xz >/dev/null; then
		xz -dc "$1"
	else
		"$python" -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
	fi
}

mkdir -p "$out" || exit 1
if [[ -z $dir ]]; then
	if ! compgen -G "$here/cifar-10-subset/*.bin.xz" >/dev/null; then
		echo "no CIFAR-10: say where its binary files lie with -dir; no subset came along" >&2
		exit 1
	fi
	dir=$out/cifar-10-subset
	mkdir -p "$dir" || exit 1
	for f in "$here"/cifar-10-subset/*.bin.xz; do
		to=$dir/$(basename "$f" .xz)
		[[ -e $to ]] || { unpacked "$f" >"$to.part" && mv "$to.part" "$to"; } || exit 1
	done
	echo "the subset that came along, not CIFAR-10: its accuracies are not those of CIFAR-10"
fi
images=0
for f in "$dir"/data_batch_*.bin; do
	[[ ! -e $f ]] || images=$((images + $(wc -c <"$f") / 3073))
done
echo "training images: $images"

flags=(-preset cifar10 -dir "$dir" -device "$device" -out "$out/run")
# A GPU has the memory for a whole batch, and the statistics of a batch norm are then its.
[[ $device = cpu ]] || flags+=(-chunk 0)
[[ ! -e $out/run/settings.json ]] || flags+=(-resume)
# Of the time a tenth and 20 s go to the first step, evaluations and the report.
total=$((minutes * 60))
flags+=(-for "$(((total * 9 / 10 - 20) / 2))s")
echo "compare ${flags[*]} $*"
# In the foreground compare alone gets the signal, once: a second one would end it at once.
timeout --foreground -s TERM -k 30 "$total" "$here/bin/compare" "${flags[@]}" "$@" 2>&1 | tee "$out/said.txt"
rc=${PIPESTATUS[0]}
case $rc in
0) echo "the report is $out/run/report.html" ;;
124) echo "the time was up; the same command goes on" ;;
*) echo "compare ended with $rc; the same command goes on from the last checkpoint, if there is one" ;;
esac
if [[ -n ${OUT:-} ]]; then
	mkdir -p "$OUT"
	cp "$out/said.txt" "$OUT/experiment.txt"
	for f in mcr2/metrics.jsonl ce/metrics.jsonl; do
		[[ ! -e $out/run/$f ]] || cp "$out/run/$f" "$OUT/${f/\//-}"
	done
	for f in summary.json report.html settings.json; do
		[[ ! -e $out/run/$f ]] || cp "$out/run/$f" "$OUT/$f"
	done
fi
exit "$rc"
