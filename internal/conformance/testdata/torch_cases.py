#!/usr/bin/env python3
"""Writes cases of PyTorch into this directory: python3 torch_cases.py (PyTorch 1.13 or later, on the CPU)."""
import json, os, torch, torch.nn.functional as F
torch.manual_seed(0); torch.set_default_dtype(torch.float64)
here = os.path.dirname(os.path.abspath(__file__))
def tensor(t): return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}
def write(name, params, tensors):
    with open(os.path.join(here, name + ".json"), "w") as f:
        json.dump({"name": name, "source": "PyTorch " + torch.__version__.split("+")[0] + ", float64", "params": params, "tensors": {k: tensor(v) for k, v in tensors.items()}}, f)
def op(name, params, f, fixed=None, **inputs):  # out, and the gradients of sum(out * G)
    inputs = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    out = f(**inputs); g = torch.randn(out.shape); (out * g).sum().backward()
    write(name, params, {"out": out, "G": g, **(fixed or {}), **inputs, **{"grad_" + k: v.grad for k, v in inputs.items()}})
N = torch.randn
y = [0, 2, 1, 3, 3, 1, 0]; Y = torch.tensor(y); x = N(7, 4) * 2
op("op_cross_entropy_sum", {"labels": y, "reduction": "sum", "label_smoothing": .2}, lambda x: F.cross_entropy(x, Y, reduction="sum", label_smoothing=.2), x=x)
op("op_cross_entropy_none", {"labels": y, "reduction": "none", "smoothing": .1}, lambda x: F.cross_entropy(x, Y, reduction="none", label_smoothing=.1), x=x)
op("op_cross_entropy_labels_tensor", {}, lambda x: F.cross_entropy(x, Y), fixed={"labels": Y.double()}, x=x * 1e3)
op("op_cross_entropy_shares", {"smoothing": .1}, lambda x, target: F.cross_entropy(x, target, label_smoothing=.1), x=x, target=torch.softmax(N(7, 4), 1))
op("op_cross_entropy_shares_none", {"reduction": "none"}, lambda x, target: F.cross_entropy(x, target, reduction="none"), x=x, target=torch.softmax(N(7, 4), 1))
op("op_layernorm_plain", {"eps": 1e-3}, lambda x: F.layer_norm(x, (5,), eps=1e-3), x=N(6, 5))
op("op_layernorm_two_axes", {"normalized_shape": [3, 4]}, lambda x, weight, bias: F.layer_norm(x, (3, 4), weight, bias), x=N(5, 3, 4), weight=N(3, 4), bias=N(3, 4))
op("op_softmax_middle", {"dim": 1}, lambda x: torch.softmax(x, 1), x=N(2, 5, 3))
op("op_log_softmax_first", {"dim": 0}, lambda x: torch.log_softmax(x, 0), x=N(4, 3))
op("op_l2_normalize_channels", {"dim": 1}, lambda x: F.normalize(x, dim=1), x=N(2, 4, 3, 2))
op("op_softshrink_fixed", {"lambd": .4}, lambda x: F.softshrink(x, .4), x=N(5, 6))
soft = lambda x, theta: torch.sign(x) * torch.relu(x.abs() - theta)
op("op_softshrink_one", {}, soft, x=N(5, 6), theta=torch.tensor([.3]))
op("op_softshrink_channels", {}, soft, x=N(2, 3, 2, 2), theta=torch.tensor([.1, .5, .9]).reshape(1, 3, 1, 1))
op("op_relu", {}, lambda x: F.relu(x), x=N(3, 4, 5))
op("op_linear_tokens", {}, lambda x, w, b: F.linear(x, w, b), x=N(2, 3, 5), w=N(4, 5), b=N(4))
op("op_linear_plain", {}, lambda x, weight: F.linear(x, weight), x=N(6, 5), weight=N(5, 5))
op("op_matmul_tn", {"trans_a": True}, lambda a, b: a.T @ b, a=N(5, 3), b=N(5, 4))
for r in ("mean", "sum", "none"): op("op_mse_" + r, {"reduction": r}, lambda x, y: F.mse_loss(x, y, reduction=r), x=N(4, 5), y=N(4, 5))
op("op_sum_rows", {"dim": 0}, lambda x: x.sum(0), x=N(4, 5))
op("op_mean_cols", {"dim": -1}, lambda x: x.mean(-1), x=N(4, 5))
def optim(name, make, params, schedule=None, clip=None):
    p0, grads = N(3, 4), N(8, 3, 4) * 2; p = p0.clone().requires_grad_(); o = make([p]); s = schedule(o) if schedule else None; out = []
    for g in grads:
        p.grad = g.clone()
        if clip: clip([p])
        o.step(); s and s.step(); out.append(p.detach().clone())
    write(name, params, {"p0": p0, "grads": grads, "trajectory": torch.stack(out)})
O, S, U = torch.optim, torch.optim.lr_scheduler, torch.nn.utils
optim("optim_sgd_dampening", lambda p: O.SGD(p, .1, .9, dampening=.3, weight_decay=.01), dict(lr=.1, momentum=.9, dampening=.3, weight_decay=.01))
optim("optim_sgd_maximize_step", lambda p: O.SGD(p, .1, maximize=True), dict(lr=.1, maximize=True, step_size=3, gamma=.5), lambda o: S.StepLR(o, 3, .5))
optim("optim_sgd_clip_norm", lambda p: O.SGD(p, .1, .9, nesterov=True), dict(lr=.1, momentum=.9, nesterov=True, max_norm=1.5), clip=lambda p: U.clip_grad_norm_(p, 1.5))
optim("optim_sgd_clip_value_exponential", lambda p: O.SGD(p, .1), dict(lr=.1, clip_value=.5, gamma=.9), lambda o: S.ExponentialLR(o, .9), lambda p: U.clip_grad_value_(p, .5))
optim("optim_sgd_constant", lambda p: O.SGD(p, .1), dict(lr=.1, factor=.25, total_iters=3), lambda o: S.ConstantLR(o, .25, 3))
optim("optim_adam_betas", lambda p: O.Adam(p, .05, (0., .9), eps=1e-3, weight_decay=.1), dict(lr=.05, betas=[0., .9], eps=1e-3, weight_decay=.1))
optim("optim_adam_linear", lambda p: O.Adam(p, .05), dict(lr=.05, start_factor=.2, end_factor=.8, total_iters=5), lambda o: S.LinearLR(o, .2, .8, 5))
optim("optim_adam_cosine_floor", lambda p: O.Adam(p, .05), dict(lr=.05, T_max=5, eta_min=.01), lambda o: S.CosineAnnealingLR(o, 5, .01))
optim("optim_adamw_polynomial", lambda p: O.AdamW(p, .05), dict(lr=.05, power=2., total_iters=6), lambda o: S.PolynomialLR(o, 6, 2.))
