#!/usr/bin/env python3
"""The peer side of the dense decompositions: LAPACK of SciPy's own OpenBLAS.

Run:  python scipy_peers.py [--threads 2] [--runs 5] [--only eigh,svd] [--cpu]
Needs numpy and scipy. OPENBLAS_CORETYPE=Haswell holds OpenBLAS to AVX2.
Prints one JSON line a workload, as torch_peers.py does: eigh is syevd, svd gesdd, qr geqrf with Q formed, of a symmetric matrix of Gaussian numbers.
"""
from peerlib import Bench, flags
a = flags(__doc__)
bench = Bench(a)
import numpy as np, scipy.linalg as la
for n in (128, 512, 1000):
    for t, suffix in ((np.float64, 'f64'), (np.float32, 'f32')):
        x = np.random.default_rng(0).standard_normal((n, n)); x = np.asarray(np.tril(x) + np.tril(x, -1).T, t, order='F')
        bench(f'eigh_{n}_{suffix}', 'scipy', lambda: la.eigh(x, driver='evd', check_finite=False))
        bench(f'svd_{n}_{suffix}', 'scipy', lambda: la.svd(x, lapack_driver='gesdd', check_finite=False))
        bench(f'qr_{n}_{suffix}', 'scipy', lambda: la.qr(x, mode='raw', check_finite=False))
