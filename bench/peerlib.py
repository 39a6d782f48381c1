"""What peer scripts share: flags, timing, one JSON line a workload. Needs neither numpy nor torch to be imported.

Import this before numpy or torch, and call `flags` first: it sets the number of threads of their libraries.
"""
import argparse, ctypes, json, os, sys, time


def flags(doc, torch=False):
    """Parses the flags that all scripts share, and with torch those of torch scripts."""
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--threads', type=int, default=2)
    ap.add_argument('--runs', type=int, default=5)
    ap.add_argument('--only', default='', help='comma-separated beginnings of workload names')
    ap.add_argument('--cpu', action='store_true', help='processor time of the process instead of wall time (for --threads 1)')
    if torch:
        ap.add_argument('--device', default='cpu', choices=('cpu', 'cuda'))
        ap.add_argument('--compile', action='store_true', help='networks also with torch.compile, as impl torch-compile')
    a = ap.parse_args()
    for k in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS'): os.environ[k] = str(a.threads)
    return a


class Bench:
    """Times workloads as the flags say; sync, if given, waits for the device."""
    def __init__(self, a, sync=None):
        self.a, self.sync, self.clock = a, sync, time.process_time if a.cpu else time.perf_counter
        self.only = [s for s in a.only.split(',') if s]

    def wanted(self, *names):
        """Whether any of these workloads is to run: to leave out costly preparation."""
        return not self.only or any(n.startswith(o) for n in names for o in self.only)

    def __call__(self, name, impl, f, runs=None, warm=1):
        """Prints median and least time of some runs of f, in milliseconds, after warm runs that do not count."""
        if not self.wanted(name): return
        for _ in range(warm): f()
        ts = []
        for _ in range(runs or self.a.runs):
            if self.sync: self.sync()
            t = self.clock(); f()
            if self.sync: self.sync()
            ts.append((self.clock() - t) * 1e3)
        ts.sort(); print(json.dumps(dict(workload=name, impl=impl, ms=round(ts[len(ts) // 2], 3), min_ms=round(ts[0], 3))), flush=True)

    def network(self, name, net, opt, loss, runs=None, before=None, after=None):
        """One training step of net, and with --compile one of it compiled; loss(net) is a scalar, before and after run in each step."""
        if not self.wanted(name): return
        def step(net):
            if before: before()
            opt.zero_grad(set_to_none=True); loss(net).backward(); opt.step()
            if after: after()
        self(name, 'torch', lambda: step(net), runs, warm=2)
        if self.a.compile: c = compiled(net); self(name, 'torch-compile', lambda: step(c), runs, warm=3)


def keep_memory():
    """Makes glibc keep freed memory. By default it returns blocks above 32 MB to the system, and eager PyTorch then spends up to a third of its
    time on page faults; PyTorch's tuning guide advises another allocator, this is the same without one."""
    try: c = ctypes.CDLL(None); c.mallopt(-4, 0); c.mallopt(-1, 2**31 - 1)  # M_MMAP_MAX, M_TRIM_THRESHOLD
    except (OSError, AttributeError, TypeError): pass  # not glibc


def torch_bench(a):
    """Sets torch up as the flags say; returns (torch, device, Bench)."""
    keep_memory(); import torch
    torch.set_num_threads(a.threads); torch.manual_seed(0)
    dev = torch.device(a.device)
    if a.device == 'cuda':
        if not torch.cuda.is_available(): sys.exit('--device cuda: torch.cuda.is_available() is False')
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # float32 means float32
    if a.compile and not hasattr(torch, 'compile'): sys.exit(f'--compile: torch {torch.__version__} has no torch.compile, want 2.0 or later')
    return torch, dev, Bench(a, torch.cuda.synchronize if a.device == 'cuda' else None)


def optimiser(kind, params, lr, **k):
    """An optimiser of torch.optim with one fused loop over the parameters where this torch has one for their device."""
    params = list(params)
    try: return kind(params, lr, fused=True, **k)
    except (TypeError, RuntimeError): return kind(params, lr, **k)


def compiled(net):
    """torch.compile for the shapes at hand, whatever was compiled before."""
    import torch
    torch._dynamo.reset(); return torch.compile(net, dynamic=False)
