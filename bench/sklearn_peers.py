#!/usr/bin/env python3
"""The peer side of clusterings, neighbours and greedy codes: scikit-learn, float64.

Run:  python sklearn_peers.py [--threads 2] [--runs 5] [--only kmeans,omp] [--cpu]
Needs scikit-learn 1.1 or later. Prints one JSON line a workload, as torch_peers.py does.
"""
from peerlib import Bench, flags
a = flags(__doc__)
import warnings
import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans, SpectralClustering
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.linear_model import orthogonal_mp
from sklearn.neighbors import NearestNeighbors
warnings.filterwarnings('ignore')
bench, r = Bench(a), np.random.default_rng(1)
N = lambda *z: r.standard_normal(z)

# k-means: ten starts with the defaults; 20 of Lloyd's iterations from the first rows; one pass of mini-batches of 1024 from the first rows
if bench.wanted('kmeans_5000x64_k10_n10'): y = N(5000, 64); bench('kmeans_5000x64_k10_n10', 'sklearn', lambda: KMeans(10, n_init=10, random_state=0).fit(y), 3)
if bench.wanted('kmeans_20000x784_k100'): w = N(20000, 784); bench('kmeans_20000x784_k100', 'sklearn', lambda: KMeans(100, n_init=1, init=w[:100], max_iter=20, tol=0).fit(w), 3)
if bench.wanted('minibatch_kmeans_100000x64_k100'):
    v = N(100000, 64)
    bench('minibatch_kmeans_100000x64_k100', 'sklearn', lambda: MiniBatchKMeans(100, init=v[:100], n_init=1, max_iter=1, max_no_improvement=None, random_state=0).fit(v), 3)

# the five nearest of 10000 samples for each of them, by all distances
if bench.wanted('neighbors_10000x64_k5'):
    u = N(10000, 64); bench('neighbors_10000x64_k5', 'sklearn', lambda: NearestNeighbors(n_neighbors=5, algorithm='brute', n_jobs=a.threads).fit(u).kneighbors(), 3)

# spectral clustering of five overlapping groups by the graph of ten neighbours
if bench.wanted('spectral_5000x16_k5'):
    s = N(5000, 16) + 1.2 * N(5, 16)[np.arange(5000) % 5]
    bench('spectral_5000x16_k5', 'sklearn', lambda: SpectralClustering(5, affinity='nearest_neighbors', n_neighbors=10, random_state=0, n_jobs=a.threads).fit(s), 3)

# orthogonal matching pursuit, 20 of 500 atoms; a pass of online dictionary learning with codes by coordinate descent, which is faster here than LARS
if bench.wanted('omp_250x500_b1000_s20'):
    A = N(250, 500); A /= np.linalg.norm(A, axis=0); z = N(250, 1000)
    bench('omp_250x500_b1000_s20', 'sklearn', lambda: orthogonal_mp(A, z, n_nonzero_coefs=20, precompute=True), 3)
if bench.wanted('online_dict_64x256_20000'):
    q = N(20000, 64)
    bench('online_dict_64x256_20000', 'sklearn-cd', lambda: MiniBatchDictionaryLearning(256, alpha=1, batch_size=256, max_iter=1, fit_algorithm='cd', random_state=0).fit(q), 2, 0)
