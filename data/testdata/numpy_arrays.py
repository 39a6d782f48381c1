"""Writes the arrays of NumPy that the tests read: arrays.npz, compressed.npz, refused.npz, version1.npy to
version3.npy, images.npy and labels.npy, in the folder of this script.

    python3 numpy_arrays.py

It needs NumPy alone; 2.4.6 wrote the files that are here.
"""

import pathlib

import numpy as np
from numpy.lib import format

here = pathlib.Path(__file__).parent
arrays = {}
for kind in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
    for order in "<>":
        dtype = np.dtype(order + kind)
        if kind == "b1":
            x = np.array([1, 0, 0, 1, 1, 0], dtype)
        elif dtype.kind == "f":
            about = np.finfo(dtype)
            x = np.array([-about.max, about.max, about.smallest_subnormal, 0.1, -0.0, np.inf], dtype)
        else:
            about = np.iinfo(dtype)
            x = np.array([about.min, about.max, 0, 1, 2, 100], dtype)
        x = x.reshape(2, 3)
        name = kind + ("_big" if order == ">" else "")
        arrays[name] = x
        arrays[name + "_fortran"] = np.asfortranarray(x)
arrays["cube"] = np.asfortranarray(np.arange(2 * 3 * 4 * 5, dtype="<i2").reshape(2, 3, 4, 5))
arrays["empty"] = np.zeros((3, 0, 2), ">f4")
arrays["line"] = np.arange(100000) % 251
np.savez(here / "arrays.npz", **{k: v for k, v in arrays.items() if k != "line"})
np.savez_compressed(here / "compressed.npz", **arrays)

np.savez(
    here / "refused.npz",
    objects=np.array([{"a": 1}, None], dtype=object),
    scalar=np.array(3.5),
    texts=np.array(["cat", "dog"]),
    bytes=np.array([b"cat", b"dog"]),
    complex=np.array([1 + 2j]),
    dates=np.array(["2020-01-01"], dtype="datetime64[D]"),
    structures=np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
    void=np.zeros(2, "V2"),
    longs=np.zeros(2, np.longdouble),
)

for version in (1, 2, 3):
    with open(here / f"version{version}.npy", "wb") as f:
        format.write_array(f, np.arange(6, dtype="<f4").reshape(2, 3), version=(version, 0))

# 60 images of 4×4 in two classes, channels last, and labels that are 7 and −2.
rng = np.random.default_rng(1)
y = np.where(np.arange(60) % 2 == 0, 7, -2)
x = rng.integers(0, 60, (60, 4, 4, 3))
x[y == 7, :2] += 150
x[y == -2, 2:] += 150
np.save(here / "images.npy", x.astype(np.uint8))
np.save(here / "labels.npy", y)
