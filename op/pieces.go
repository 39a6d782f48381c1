package op

import "github.com/whitebox-nn/whitebox/op/launch"

// A Pieces hands out pieces of an op's scratch memory on a device.
type Pieces struct{ at launch.Ptr }

// Pieces returns a's scratch memory, to be handed out in the order of PiecesRoom.
func (a *DeviceArgs) Pieces() *Pieces { return &Pieces{a.orNone().Work} }

// Take returns the next piece, at a multiple of launch.Align. Of nil it is address 0.
func (p *Pieces) Take(bytes int) launch.Ptr {
	if p == nil {
		return 0
	}
	at := p.at
	p.at += launch.Ptr(PiecesRoom(bytes))
	return at
}

// PiecesRoom is how many bytes Take needs for pieces of these sizes.
func PiecesRoom(bytes ...int) int {
	n := 0
	for _, b := range bytes {
		n += (max(b, 0) + launch.Align - 1) / launch.Align * launch.Align
	}
	return n
}
