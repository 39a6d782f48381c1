"""Writes and reads files by the safetensors of PyPI, for python_test.go.

    peer.py write FILE    writes tensors of every dtype that NumPy has here
    peer.py read FILE     only reads

Either way what the file holds, as safetensors reads it, goes to standard output as JSON:
the metadata, and of each tensor its dtype, its shape and its bytes in hex. Needs numpy
and safetensors; with ml_dtypes there are bfloat16 and the floats of 8 bits too.
"""

import json
import sys

import numpy as np
from safetensors import deserialize
from safetensors.numpy import save

try:
    import ml_dtypes

    NARROW = [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2]
except ImportError:
    NARROW = []


def read(path):
    with open(path, "rb") as f:
        b = f.read()
    head = json.loads(b[8 : 8 + int.from_bytes(b[:8], "little")])
    tensors = {name: {"dtype": t["dtype"], "shape": list(t["shape"]), "hex": bytes(t["data"]).hex()} for name, t in deserialize(b)}
    return {"meta": head.get("__metadata__"), "tensors": tensors}


def write(path):
    x = 30 * np.random.default_rng(7).standard_normal((2, 3))
    kinds = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "?"] + NARROW
    tensors = {"tensor of " + np.dtype(kind).name: x.astype(kind) for kind in kinds}
    tensors |= {"tensor of " + np.dtype(kind).name: abs(x).astype(kind) for kind in ["u8", "u4", "u2", "u1"]}
    tensors |= {"a scalar": np.array(1.5, "f4"), "empty": np.zeros((0, 4), "f4"), '层 "q" \\ /': np.ones(1, "f4")}
    with open(path, "wb") as f:
        f.write(save(tensors, {"format": "np", "quote": '"'}))
    return read(path)


print(json.dumps({"read": read, "write": write}[sys.argv[1]](sys.argv[2])))
