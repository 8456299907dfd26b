// Goroutines, channels, timers, collection of garbage, preemption, HTTP to itself, signals, faults.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func pipeline() {
	jobs, results := make(chan int), make(chan [32]byte, 4)
	var wg sync.WaitGroup
	for w := 0; w < 8; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				results <- sha256.Sum256([]byte(fmt.Sprint(j)))
			}
		}()
	}
	go func() {
		for i := 0; i < 500; i++ {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	var all []string
	for r := range results {
		all = append(all, fmt.Sprintf("%x", r[:4]))
	}
	sort.Strings(all)
	fmt.Println("pipeline", len(all), all[0], all[len(all)-1])
}

type node struct{ l, r *node }

func tree(d int) *node {
	if d == 0 {
		return &node{}
	}
	return &node{tree(d - 1), tree(d - 1)}
}

func (n *node) count() int {
	if n.l == nil {
		return 1
	}
	return 1 + n.l.count() + n.r.count()
}

func garbage() {
	var wg sync.WaitGroup
	var sum int64
	for g := 0; g < 4; g++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; i < 20; i++ {
				atomic.AddInt64(&sum, int64(tree(10).count()))
			}
		}()
	}
	wg.Wait()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("garbage", sum, m.NumGC > 0)
}

func preempted() {
	var stop int32
	done := make(chan uint64)
	for i := 0; i < 3; i++ {
		go func() {
			n := uint64(0)
			for atomic.LoadInt32(&stop) == 0 {
				n++
			}
			done <- n
		}()
	}
	time.Sleep(20 * time.Millisecond)
	runtime.GC()
	atomic.StoreInt32(&stop, 1)
	for i := 0; i < 3; i++ {
		if <-done == 0 {
			fmt.Println("one did not run")
		}
	}
	fmt.Println("preempted")
}

func timers() {
	t := time.NewTicker(2 * time.Millisecond)
	for i := 0; i < 5; i++ {
		<-t.C
	}
	t.Stop()
	select {
	case <-time.After(5 * time.Millisecond):
		fmt.Println("timers")
	case <-make(chan int):
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println(ctx.Err())
}

func web() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %d", r.Method, r.URL.Path, len(b))
	})}
	go s.Serve(l)
	var wg sync.WaitGroup
	answers := make([]string, 6)
	for i := range answers {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			r, err := http.Get(fmt.Sprintf("http://%s/%d", l.Addr(), i))
			if err != nil {
				answers[i] = err.Error()
				return
			}
			defer r.Body.Close()
			b, _ := io.ReadAll(r.Body)
			answers[i] = string(b)
		}(i)
	}
	wg.Wait()
	fmt.Println("web", answers)
	s.Shutdown(context.Background())
}

func signals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("signal", <-c)
}

func faults() {
	defer func() { fmt.Println("recovered", recover()) }()
	debug.SetPanicOnFault(true)
	var p *node
	fmt.Println(p.count())
}

func main() {
	pipeline()
	garbage()
	preempted()
	timers()
	web()
	signals()
	faults()
}
