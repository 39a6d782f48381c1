"""A small residual network as PyTorch has it, with torchvision's names.

    python3 torch_resnet.py write FILE      writes weights, images x and their logits
    python3 torch_resnet.py read FILE       reads weights and x, prints the logits

It needs torch and safetensors. resnet10.safetensors is what "write" made of it.
"""

import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.downsample = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        h = torch.relu(self.bn1(self.conv1(x)))
        s = x if self.downsample is None else self.downsample(x)
        return torch.relu(self.bn2(self.conv2(h)) + s)


class ResNet10(nn.Module):
    def __init__(self, channels=3, width=4, classes=5):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(Block(width, width, 1))
        self.layer2 = nn.Sequential(Block(width, 2 * width, 2))
        self.layer3 = nn.Sequential(Block(2 * width, 4 * width, 2))
        self.layer4 = nn.Sequential(Block(4 * width, 8 * width, 2))
        self.fc = nn.Linear(8 * width, classes)

    def forward(self, x):
        h = torch.relu(self.bn1(self.conv1(x)))
        h = self.layer4(self.layer3(self.layer2(self.layer1(h))))
        return self.fc(h.mean((2, 3)))


def main(what, path):
    torch.manual_seed(0)
    net = ResNet10()
    if what == "read":
        state = load_file(path)
        x = state.pop("x")
        net.load_state_dict(state)
        net.eval()
        with torch.no_grad():
            for v in net(x).flatten().tolist():
                print(repr(v))
        return
    net.train()
    with torch.no_grad():
        for _ in range(5):  # statistics that are not those of a new network
            net(torch.randn(16, 3, 12, 12) * 2 + 1)
        for name, p in net.named_parameters():
            if ".bn" in name or name.startswith("bn") or "downsample.1" in name:
                p += 0.3 * torch.randn(p.shape)
    net.eval()
    x = torch.randn(3, 3, 12, 12)
    with torch.no_grad():
        logits = net(x)
    save_file({**net.state_dict(), "x": x, "logits": logits}, path)


main(*sys.argv[1:])
