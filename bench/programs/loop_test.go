package loop

import (
	"sort"
	"strings"
	"sync"
	"testing"
)

func BenchmarkSort(b *testing.B) {
	for n := 0; n < b.N; n++ {
		v := make([]int, 2000)
		for i := range v {
			v[i] = i * 7919 % 2003
		}
		sort.Ints(v)
	}
}

func BenchmarkMap(b *testing.B) {
	m := map[string]int{}
	for n := 0; n < b.N; n++ {
		m[strings.Repeat("k", n%50)]++
	}
}

func BenchmarkChannel(b *testing.B) {
	c := make(chan int)
	go func() {
		for n := 0; n < b.N; n++ {
			c <- n
		}
		close(c)
	}()
	for range c {
	}
}

func BenchmarkMutex(b *testing.B) {
	var m sync.Mutex
	total := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.Lock()
			total++
			m.Unlock()
		}
	})
}
