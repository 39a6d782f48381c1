package data

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"github.com/pkg/errors"
	scaling "golang.org/x/image/draw"
)

// An imageInfo is what the header of an image says.
type imageInfo struct {
	width, height int // as it is stored
	gray          bool
	orientation   int // of EXIF, 1 to 8
	decode        func(b []byte) (image.Image, error)
}

// upright returns the size of the image when it is turned as it says.
func (m imageInfo) upright() (h, w int) {
	if m.orientation >= 5 {
		return m.width, m.height
	}
	return m.height, m.width
}

// probe reads the header of an image, and checks its size.
func (f ImageFolder) probe(b []byte) (m imageInfo, err error) {
	var cfg image.Config
	bits := 0 // of the file's that a pixel takes at least, times 1032
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		cfg, err = png.DecodeConfig(bytes.NewReader(b))
		m.orientation = pngOrientation(b)
		m.decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
		bits = 1
		if len(b) > 25 { // of IHDR: the depth, and the kind of pixels
			bits = int(b[24])
		}
	case bytes.HasPrefix(b, []byte{0xff, 0xd8}):
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(b))
		m.orientation = jpegOrientation(b)
		m.decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	default:
		return m, errors.Wrapf(ErrFormat, "it begins with %q, and is no PNG and no JPEG", b[:min(len(b), 8)])
	}
	if err != nil {
		return m, errors.Wrap(ErrFormat, err.Error())
	}
	m.width, m.height = cfg.Width, cfg.Height
	m.gray = cfg.ColorModel == color.GrayModel || cfg.ColorModel == color.Gray16Model
	if m.width < 1 || m.height < 1 || m.width > f.MaxPixels/m.height {
		return m, errors.Wrapf(ErrFormat, "it is %d×%d pixels, want at least 1 and at most %d: see MaxPixels", m.width,
			m.height, f.MaxPixels)
	}
	const deflate = 1032 // bytes that one of the file can become
	if need := m.width * m.height / 8 * bits / deflate; need > len(b) {
		return m, errors.Wrapf(ErrFormat, "it says that it is %d×%d pixels, which its %d bytes cannot hold", m.width,
			m.height, len(b))
	}
	return m, nil
}

// decode reads the image in a file, and writes it to dst, c×h×w.
func (f ImageFolder) decode(dst []byte, path string) error {
	b, err := f.read(path)
	if err != nil {
		return err
	}
	return errors.WithMessage(f.decodeBytes(dst, b), path)
}

func (f ImageFolder) decodeBytes(dst, b []byte) error {
	m, err := f.probe(b)
	if err != nil {
		return err
	}
	stored, err := m.decode(b)
	if err != nil {
		return errors.Wrap(ErrFormat, err.Error())
	}
	h, w := f.Height, f.Width
	if m.orientation >= 5 {
		h, w = w, h
	}
	x := opaque(stored)
	if size := x.Bounds(); size.Dx() != w || size.Dy() != h {
		scaled := image.NewRGBA(image.Rect(0, 0, w, h))
		scaling.BiLinear.Scale(scaled, scaled.Bounds(), x, size, scaling.Src, nil)
		x = scaled
	}
	f.store(dst, x, m.orientation)
	return nil
}

// opaque returns the colours of an image without its transparency.
func opaque(m image.Image) *image.RGBA {
	r := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	switch m := m.(type) {
	case *image.NRGBA:
		for y := range r.Dy() {
			copy(out.Pix[y*out.Stride:(y+1)*out.Stride], m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):])
		}
	case *image.YCbCr, *image.Gray, *image.RGBA:
		draw.Draw(out, out.Bounds(), m, r.Min, draw.Src)
	case *image.CMYK:
		for y := range r.Dy() {
			row := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x := range r.Dx() {
				white := 255 - int(row[4*x+3])
				for k := range 3 {
					out.Pix[y*out.Stride+4*x+k] = byte((white*(255-int(row[4*x+k])) + 127) / 255)
				}
			}
		}
	case *image.Paletted:
		colors := make([]color.NRGBA, 256)
		for i, c := range m.Palette {
			colors[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		for y := range r.Dy() {
			for x := range r.Dx() {
				c := colors[m.ColorIndexAt(r.Min.X+x, r.Min.Y+y)]
				out.SetRGBA(x, y, color.RGBA{c.R, c.G, c.B, 255})
			}
		}
	case *image.NRGBA64:
		for y := range r.Dy() {
			for x := range r.Dx() {
				c := m.NRGBA64At(r.Min.X+x, r.Min.Y+y)
				out.SetRGBA(x, y, color.RGBA{byte(c.R >> 8), byte(c.G >> 8), byte(c.B >> 8), 255})
			}
		}
	default:
		for y := range r.Dy() {
			for x := range r.Dx() {
				c := color.NRGBA64Model.Convert(m.At(r.Min.X+x, r.Min.Y+y)).(color.NRGBA64)
				out.SetRGBA(x, y, color.RGBA{byte(c.R >> 8), byte(c.G >> 8), byte(c.B >> 8), 255})
			}
		}
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	return out
}

// store writes an image to dst, c×h×w, turned upright.
func (f ImageFolder) store(dst []byte, m *image.RGBA, orientation int) {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	pixels := w * h
	for y := range f.Height {
		for x := range f.Width {
			i, j := source(x, y, w, h, orientation)
			p := m.Pix[j*m.Stride+4*i : j*m.Stride+4*i+3]
			at := y*f.Width + x
			if f.Channels == 1 { // of ITU-R BT.601, in 65536ths
				dst[at] = byte((19595*int(p[0]) + 38470*int(p[1]) + 7471*int(p[2]) + 1<<15) >> 16)
				continue
			}
			dst[at], dst[pixels+at], dst[2*pixels+at] = p[0], p[1], p[2]
		}
	}
}

// source returns where in the stored image, w×h, the pixel x, y of the upright one lies.
func source(x, y, w, h, orientation int) (i, j int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
