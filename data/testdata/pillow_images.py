"""Writes images of every kind that the tests read, and what Pillow makes of them: the folder images, and pillow.npz, in
the folder of this script. Of each image the archive has the RGB of it upright, that scaled to 5×7, and its gray.

    python3 pillow_images.py

It needs Pillow and NumPy; Pillow 13.0.0 and NumPy 2.4.6 wrote the files that are here.
"""

import pathlib
import shutil

import numpy as np
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
folder = here / "images" / "all"
shutil.rmtree(folder.parent, ignore_errors=True)
folder.mkdir(parents=True)

h, w = 16, 24
y, x = np.mgrid[0:h, 0:w]
rgb = np.stack([10 * x, 15 * y, 255 - 5 * x - 7 * y], -1).astype(np.uint8)
alpha = (8 * x + 4 * y).astype(np.uint8)
color = Image.fromarray(rgb)

color.save(folder / "rgb.png")
color.convert("L").save(folder / "gray.png")
color.convert("L").point(lambda v: 255 * (v > 128)).convert("1").save(folder / "bits.png")
color.quantize(16).save(folder / "palette.png")
color.quantize(16).save(folder / "palette_clear.png", transparency=bytes(range(0, 256, 16)))
Image.fromarray(np.concatenate([rgb, alpha[..., None]], -1)).save(folder / "rgba.png")
Image.merge("LA", [color.convert("L"), Image.fromarray(alpha)]).save(folder / "gray_alpha.png")
color.save(folder / "rgb.jpg", quality=95)
color.save(folder / "rgb444.jpg", quality=100, subsampling=0)
color.save(folder / "progressive.jpg", quality=95, progressive=True)
color.convert("L").save(folder / "gray.jpg", quality=95)
color.convert("CMYK").save(folder / "cmyk.jpg", quality=100, subsampling=0)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[274] = orientation
    color.save(folder / f"turned{orientation}.jpg", quality=100, subsampling=0, exif=exif)
    color.save(folder / f"turned{orientation}.png", exif=exif)

made = {}
for path in sorted(folder.iterdir()):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    made[path.name + "_rgb"] = np.asarray(image)
    made[path.name + "_gray"] = np.asarray(image.convert("L"))
    made[path.name + "_scaled"] = np.asarray(image.resize((7, 5), Image.Resampling.BILINEAR))
    made[path.name + "_larger"] = np.asarray(image.resize((31, 33), Image.Resampling.BILINEAR))
np.savez_compressed(here / "pillow.npz", **made)
