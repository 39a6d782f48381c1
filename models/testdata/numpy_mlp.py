"""Reads an MLP of two products and its samples x, and prints what comes out.

    python3 numpy_mlp.py FILE

It needs numpy and safetensors alone.
"""

import sys

import numpy
from safetensors.numpy import load_file

f = load_file(sys.argv[1])
h = numpy.maximum(f["x"] @ f["mlp.linear0.weight"].T + f["mlp.linear0.bias"], 0)
for v in (h @ f["mlp.linear1.weight"].T + f["mlp.linear1.bias"]).ravel().tolist():
    print(repr(v))
