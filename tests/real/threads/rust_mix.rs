// Threads of Rust's standard library: channels, scopes, a pool that steals work, parking, locks.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::{Duration, Instant};

fn channels() {
    let (tx, rx) = channel();
    let (small_tx, small_rx) = sync_channel::<u64>(2);
    for n in 0..4u64 {
        let tx = tx.clone();
        thread::spawn(move || (0..100).for_each(|i| tx.send(n * 1000 + i).unwrap()));
    }
    drop(tx);
    let t = thread::spawn(move || small_rx.iter().sum::<u64>());
    let mut got: Vec<u64> = rx.iter().inspect(|v| small_tx.send(*v).unwrap()).collect();
    drop(small_tx);
    got.sort_unstable();
    println!("channels {} {} {}", got.len(), got[399], t.join().unwrap());
}

// A pool as those of parallel iterators: each worker has a queue, who has none steals.
struct Pool {
    queues: Vec<Mutex<VecDeque<(usize, usize)>>>,
    left: AtomicUsize,
    sum: AtomicU64,
    stolen: AtomicBool,
}

impl Pool {
    fn take(&self, me: usize) -> Option<(usize, usize)> {
        if let Some(job) = self.queues[me].lock().unwrap().pop_back() {
            return Some(job);
        }
        for other in (0..self.queues.len()).filter(|&o| o != me) {
            if let Some(job) = self.queues[other].lock().unwrap().pop_front() {
                self.stolen.store(true, Ordering::Relaxed);
                return Some(job);
            }
        }
        None
    }

    fn work(&self, me: usize) {
        while self.left.load(Ordering::Acquire) > 0 {
            match self.take(me) {
                Some((from, to)) if to - from > 64 => {
                    let mut q = self.queues[me].lock().unwrap();
                    self.left.fetch_add(1, Ordering::AcqRel);
                    q.push_back((from, (from + to) / 2));
                    q.push_back(((from + to) / 2, to));
                }
                Some((from, to)) => {
                    let part = (from..to).map(|x| (x * x % 7) as u64).sum();
                    self.sum.fetch_add(part, Ordering::Relaxed);
                    self.left.fetch_sub(1, Ordering::AcqRel);
                }
                None => thread::yield_now(),
            }
        }
    }
}

fn pool() {
    let p = Pool {
        queues: (0..4).map(|_| Mutex::new(VecDeque::new())).collect(),
        left: AtomicUsize::new(1),
        sum: AtomicU64::new(0),
        stolen: AtomicBool::new(false),
    };
    p.queues[0].lock().unwrap().push_back((0, 100000));
    thread::scope(|s| {
        for me in 0..4 {
            let p = &p;
            s.spawn(move || p.work(me));
        }
    });
    println!("pool {}", p.sum.load(Ordering::Relaxed));
}

fn parking() {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    let sleeper = thread::spawn(move || {
        while !seen.load(Ordering::Acquire) {
            thread::park();
        }
        let start = Instant::now();
        // The token of a late unpark may end the first one early.
        while start.elapsed() < Duration::from_millis(3) {
            thread::park_timeout(Duration::from_millis(3));
        }
        start.elapsed() < Duration::from_secs(30)
    });
    thread::sleep(Duration::from_millis(2));
    flag.store(true, Ordering::Release);
    sleeper.thread().unpark();
    println!("parking {}", sleeper.join().unwrap());
}

static ONCE: Once = Once::new();
static TIMES: AtomicU64 = AtomicU64::new(0);

fn locks() {
    let (barrier, total) = (Barrier::new(5), RwLock::new(0u64));
    let gate = (Mutex::new(0u32), Condvar::new());
    thread::scope(|s| {
        for _ in 0..5 {
            s.spawn(|| {
                ONCE.call_once(|| {
                    TIMES.fetch_add(1, Ordering::SeqCst);
                });
                barrier.wait();
                for _ in 0..200 {
                    let before = *total.read().unwrap();
                    *total.write().unwrap() += 1;
                    assert!(*total.read().unwrap() > before);
                }
                *gate.0.lock().unwrap() += 1;
                gate.1.notify_all();
            });
        }
        let done = gate.1.wait_while(gate.0.lock().unwrap(), |n| *n < 5).unwrap();
        assert_eq!(*done, 5);
    });
    let (m, c) = (Mutex::new(()), Condvar::new());
    let late = c.wait_timeout(m.lock().unwrap(), Duration::from_millis(2)).unwrap().1.timed_out();
    println!("locks {} once {} late {}", total.into_inner().unwrap(), TIMES.load(Ordering::SeqCst), late);
}

fn panics() {
    let shared = Arc::new(Mutex::new(7));
    let theirs = shared.clone();
    let end = thread::spawn(move || {
        let _held = theirs.lock().unwrap();
        std::panic::resume_unwind(Box::new("gone"));
    })
    .join();
    println!("panic {:?} poisoned {}", end.unwrap_err().downcast_ref::<&str>(), shared.is_poisoned());
}

fn main() {
    channels();
    pool();
    parking();
    locks();
    panics();
}
