package arch

import (
	"go/token"
	"path"
	"regexp"
	"strings"
)

// What processors with AVX2 lack, in the assembler's spelling. Extra is registers that
// came with AVX-512: the upper 16 vectors, those of 64 bytes, and masks. Evex is
// instructions that have no older encoding, whatever registers they use, as far as
// their names tell; .ci/run reads the machine code for the rest.
var (
	extra = regexp.MustCompile(`(?:^|\W)([XYZ](?:1[6-9]|2\d|3[01])|Z\d+|K[0-7])(?:\W|$)`)
	evex  = regexp.MustCompile(
		`^\s*(V\w+\.[A-Z_]+[.\w]*|VMOVDQ[UA](?:8|16|32|64)|VP(?:XOR|AND|ANDN|OR)[DQ]|V\w*BLENDM\w+|V(?:P?COMPRESS|` +
			`P?EXPAND)\w+|` +
			`V(?:RNDSCALE|SCALEF|GETEXP|GETMANT|FIXUPIMM|RANGE|REDUCE|FPCLASS|RCP14|RSQRT14)[PS][SD]|VPTERNLOG[DQ]|` +
			`VP(?:ROL|ROR)V?[DQ]|VPERM[IT]2\w+|VPERMV?[BW]|` +
			`VALIGN[DQ]|V(?:BROADCAST|EXTRACT|INSERT|SHUF)[FI]\d+X\d|VP(?:SRAV?Q|S[LR]LVW|SRAVW|ABSQ|M(?:AX|` +
			`IN)[SU]Q|MULLQ|LZCNT[DQ]|CONFLICT[DQ]|POPCNT[BWDQ]|MADD52\w+)|` +
			`VPTESTN?M[BWDQ]|VP?SCATTER\w+|VPMOVU?S?(?:[WDQ]B|[DQ]W|QD)|VPMOV(?:[BWDQ]2M|M2[BWDQ])|VPCMPU[BWDQ]|` +
			`VDBPSADBW|VCVT\w*(?:UDQ|UQQ|QQ|UDQ2\w+|USI2\w+|2USI)\w*)(?:\s|$)`)
)

var assemblyRules = []rule{{
	name: "AVX2 stays AVX2",
	why: "a function without AVX512 in its name runs where there is none: 16 vectors of 16 or 32 bytes, no " +
		"masks, no instruction of AVX-512",
	check: checkVectors,
	bites: []map[string]string{{
		"internal/simd/a_amd64.s": `#include "textflag.h"
#define LAST Y31 // BAD

// func addAVX2(x *float32)
TEXT ·addAVX2(SB), NOSPLIT, $0-8
	VMOVUPS (AX), Y15
	VFMADD231PS Y15, Y16, Y0 // BAD
	VADDPS 32(AX), Y1, Y20 // BAD
	VXORPS X30, X1, X1 // BAD
	VADDPS Z1, Z1, Z1 // BAD
	KMOVW AX, K1 // BAD
	VMOVUPS Y0, K7, (AX) // BAD
	VPXORD Y0, Y0, Y0 // BAD
	VPXOR Y0, Y0, Y0
	VPAND Y0, Y0, Y0
	VMOVDQU Y0, (AX)
	VMOVDQU64 Y0, (AX) // BAD
	VRNDSCALEPS $0, Y0, Y0 // BAD
	VROUNDPS $0, Y0, Y0
	VBLENDVPS Y0, Y1, Y2, Y3
	VBLENDMPS Y0, Y1, Y2 // BAD
	VADDPS.BCST (AX), Y0, Y0 // BAD
	VCVTPS2PD (AX), Y0
	VCVTDQ2PS Y0, Y0
	VCVTUDQ2PS Y0, Y0 // BAD
	VPERM2F128 $1, Y0, Y1, Y2
	VPERMD Y0, Y1, Y2
	VPERMI2D Y0, Y1, Y2 // BAD
	VPSRAD $3, Y0, Y0
	VPSRAQ $3, Y0, Y0 // BAD
	VPMOVSXBW X0, Y0
	VPMOVDW Y0, X0 // BAD
	VEXTRACTF128 $1, Y0, X1
	VEXTRACTF32X4 $1, Y0, X1 // BAD
	VPMAXSD Y0, Y0, Y0
	VPMAXSQ Y0, Y0, Y0 // BAD
	JMP K10
	RET

// func addAVX512(x *float32)
TEXT ·addAVX512(SB), NOSPLIT, $0-8
	VADDPS Z1, Z1, Z31
	VMOVUPS.Z (AX), K1, Z0
	VPXORD Y0, Y0, Y0
	RET

TEXT ·after(SB), NOSPLIT, $0-8
	VADDPS Y0, Y1, Y16 // BAD
`,
		"internal/simd/a_amd64.go": "package simd\n\n// Y16 is a register\n",
	}},
}}

// checkVectors reads every assembly file line by line.
func checkVectors(m *module, report reporter) {
	for file, text := range m.texts {
		if path.Ext(file) != ".s" {
			continue
		}
		function := "what stands before the first function"
		for i, line := range strings.Split(text, "\n") {
			if name, ok := strings.CutPrefix(line, "TEXT"); ok {
				function = strings.TrimSpace(name)
				continue
			}
			if strings.Contains(function, "AVX512") {
				continue
			}
			line, _, _ = strings.Cut(line, "//")
			for _, bad := range []*regexp.Regexp{extra, evex} {
				if found := bad.FindStringSubmatch(line); found != nil {
					report(token.Position{Filename: file, Line: i + 1}, "%s in %s", found[1], function)
				}
			}
		}
	}
}
