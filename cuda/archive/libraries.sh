# shellcheck shell=bash
# Finds CUDA's run-time libraries, for run.sh and experiment.sh: in WHITEBOX_CUDA_PATH,
# where ldconfig knows them, in CUDA's usual folders and, last, in the packages nvidia-*
# of the Python that is there. The first place with all three of cuBLAS, cuSOLVER and
# cuFFT is taken.

libraries_from='' libraries_dirs=''

# libraries_where prints the file of a library in some folders, the newest version.
libraries_where() {
	local name=$1 folder
	local -a folders
	IFS=: read -ra folders <<<"$2"
	for folder in "${folders[@]}"; do
		compgen -G "$folder/lib$name.so.[0-9]*" | grep -E '\.so\.[0-9]+$' | sort -rV | head -1
	done | head -1
}

# libraries_complete reports whether the folders have all three.
libraries_complete() {
	local name
	for name in cublas cusolver cufft; do
		[[ -n $(libraries_where "$name" "$1") ]] || return 1
	done
}

# libraries_joined joins lines by colons.
libraries_joined() { paste -sd: -; }

libraries_ldconfig() {
	local tool
	tool=$(command -v ldconfig || echo /sbin/ldconfig)
	[[ -x $tool ]] || return 0
	"$tool" -p 2>/dev/null | sed -n 's|.*=> \(/.*\)/lib\(cublas\|cusolver\|cufft\)\.so\.[0-9]*$|\1|p' | sort -u | libraries_joined
}

libraries_usual() {
	local folder
	for folder in /usr/local/cuda/{lib64,targets/*/lib} /usr/local/cuda-*/lib64 /opt/cuda/lib64; do
		[[ ! -d $folder ]] || echo "$folder"
	done | libraries_joined
}

libraries_python() {
	[[ -n ${python:-} ]] || return 0
	"$python" - <<'PY' 2>/dev/null | libraries_joined
import glob, os, site, sys
places = sys.path + getattr(site, 'getsitepackages', list)() + [getattr(site, 'getusersitepackages', str)()]
for p in dict.fromkeys(p for p in places if p):
    # nvidia/cu13/lib of CUDA 13, nvidia/cublas/lib and its like of 11 and 12, what torch brings itself
    for d in sorted(glob.glob(os.path.join(p, 'nvidia', '*', 'lib')), reverse=True) + [os.path.join(p, 'torch', 'lib')]:
        if glob.glob(os.path.join(d, 'lib*.so*')): print(d)
d = os.path.join(sys.prefix, 'lib')
if glob.glob(os.path.join(d, 'libcublas.so.*')): print(d)
PY
}

# libraries_find looks for the libraries and sets what makes programs find them.
libraries_find() {
	local place dirs
	for place in WHITEBOX_CUDA_PATH ldconfig usual python; do
		if [[ $place = WHITEBOX_CUDA_PATH ]]; then dirs=${WHITEBOX_CUDA_PATH:-}; else dirs=$(libraries_"$place"); fi
		if [[ -n $dirs ]] && libraries_complete "$dirs"; then
			libraries_from=$place libraries_dirs=$dirs
			break
		fi
	done
	if [[ -n $libraries_dirs ]]; then
		[[ $libraries_from = WHITEBOX_CUDA_PATH ]] || export WHITEBOX_CUDA_PATH=${WHITEBOX_CUDA_PATH:+$WHITEBOX_CUDA_PATH:}$libraries_dirs
		# for the libraries that these want
		[[ $libraries_from = ldconfig ]] || export LD_LIBRARY_PATH=$libraries_dirs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	fi
	for dirs in /usr/local/nvidia/lib64 /usr/lib/wsl/lib /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64; do
		# a driver that a container has where ldconfig does not look
		if [[ -e $dirs/libcuda.so.1 ]]; then
			export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$dirs
			break
		fi
	done
}

# libraries_report prints what was taken, and from where.
libraries_report() {
	local name file
	if [[ -z $libraries_dirs ]]; then
		echo "cuBLAS, cuSOLVER and cuFFT were found neither in WHITEBOX_CUDA_PATH (${WHITEBOX_CUDA_PATH:-not set}), by ldconfig, in CUDA's usual folders nor in packages of Python"
		return
	fi
	echo "CUDA's libraries are from: $libraries_from"
	for name in cublas cusolver cufft; do
		file=$(libraries_where "$name" "$libraries_dirs")
		echo "  $file -> $(basename "$(readlink -f "$file")")"
	done
	[[ $libraries_from != python ]] || "$python" - <<'PY' 2>/dev/null
import importlib.metadata as m
for d in sorted({d.metadata['Name'] + ' ' + d.version for d in m.distributions() if (d.metadata['Name'] or '').startswith('nvidia-')}): print('  ' + d)
PY
}
