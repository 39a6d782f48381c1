package experiment

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// A listener waits for the signals that end a program: Ctrl-C, and what batch systems,
// containers and terminals that close send.
type listener struct {
	context.Context                      // done after the first signal
	first           atomic.Pointer[stop] // the signal, nil before it
	again           chan stop            // has the second one, if it comes later than together
	cancel          context.CancelFunc
	signals         chan os.Signal
}

// A stop is a signal that ends a program.
type stop struct {
	name string
	code int // that shells give a process that it kills: 128 and its number
}

// stops are the signals that end a program.
func stops() map[os.Signal]stop {
	return map[os.Signal]stop{
		os.Interrupt:    {"Ctrl-C", 128 + 2},
		syscall.SIGTERM: {"SIGTERM", 128 + 15},
		syscall.SIGHUP:  {"SIGHUP", 128 + 1},
	}
}

// listen starts to wait for signals. If the program was started with SIGHUP ignored, as by nohup, it stays ignored.
func listen() *listener {
	ignoreFailedWrites()
	l := &listener{again: make(chan stop, 1), signals: make(chan os.Signal, 2)}
	l.Context, l.cancel = context.WithCancel(context.Background())
	for s := range stops() {
		if s != syscall.SIGHUP || !signal.Ignored(s) {
			signal.Notify(l.signals, s)
		}
	}
	go l.wait()
	return l
}

// together is how far apart two signals of one request are: timeout(1) sends one to the
// program, and one to its process group, and a terminal that closes may send two.
const together = 100 * time.Millisecond

func (l *listener) wait() {
	var since time.Time
	for s := range l.signals {
		at := stops()[s]
		if l.first.CompareAndSwap(nil, &at) {
			since = time.Now()
			l.cancel()
			continue
		}
		if time.Since(since) < together {
			continue
		}
		select {
		case l.again <- at:
		default:
		}
	}
}

// Close ends the waiting.
func (l *listener) Close() error {
	signal.Stop(l.signals)
	close(l.signals)
	l.cancel()
	return nil
}
