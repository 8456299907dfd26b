import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;
import java.util.stream.*;

/** Threads of the virtual machine: pools, locks, streams, timers, garbage under pressure, faults. */
public class Mix {
    static int counter;

    static void pools() throws Exception {
        ExecutorService e = Executors.newFixedThreadPool(4);
        List<Future<Long>> parts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            final int n = i;
            parts.add(e.submit(() -> LongStream.range(0, 100000).map(x -> x * x % (n + 7)).sum()));
        }
        long total = 0;
        for (Future<Long> f : parts) total += f.get();
        e.shutdown();
        int forked = new ForkJoinPool(3).submit(() -> IntStream.range(0, 20000).parallel().filter(x -> x % 7 == 3).sum()).get();
        String text = CompletableFuture.supplyAsync(() -> "a").thenCombine(CompletableFuture.supplyAsync(() -> "b"), String::concat).get();
        System.out.println("pools " + total + " " + e.awaitTermination(10, TimeUnit.SECONDS) + " " + forked + " " + text);
    }

    static void locks() throws Exception {
        Object monitor = new Object();
        ReentrantLock lock = new ReentrantLock(true);
        AtomicLong atomic = new AtomicLong();
        CyclicBarrier barrier = new CyclicBarrier(4);
        Thread[] all = new Thread[4];
        int[] guarded = new int[1];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Thread(() -> {
                try {
                    barrier.await();
                } catch (Exception x) {
                    throw new RuntimeException(x);
                }
                for (int k = 0; k < 2000; k++) {
                    synchronized (monitor) { counter++; }
                    if (k % 10 == 0) {
                        lock.lock();
                        try { guarded[0]++; } finally { lock.unlock(); }
                    }
                    atomic.incrementAndGet();
                }
            });
            all[i].start();
        }
        for (Thread t : all) t.join();
        System.out.println("locks " + counter + " " + guarded[0] + " " + atomic);
    }

    static void queues() throws Exception {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(3);
        SynchronousQueue<String> hand = new SynchronousQueue<>();
        Thread producer = new Thread(() -> {
            try {
                for (int i = 0; i < 500; i++) queue.put(i);
                hand.put("done");
            } catch (InterruptedException x) {
                System.out.println("interrupted");
            }
        });
        producer.start();
        long sum = 0;
        for (int i = 0; i < 500; i++) sum += queue.take();
        System.out.println("queues " + sum + " " + hand.take());
        Thread sleeper = new Thread(() -> {
            try { Thread.sleep(100000); } catch (InterruptedException x) { System.out.println("woken"); }
        });
        sleeper.start();
        Thread.sleep(2);
        sleeper.interrupt();
        sleeper.join();
    }

    static void timers() throws Exception {
        ScheduledExecutorService s = Executors.newScheduledThreadPool(2);
        CountDownLatch latch = new CountDownLatch(4);
        s.scheduleAtFixedRate(latch::countDown, 1, 2, TimeUnit.MILLISECONDS);
        latch.await();
        s.shutdownNow();
        Timer t = new Timer(true);
        CompletableFuture<String> rung = new CompletableFuture<>();
        t.schedule(new TimerTask() { public void run() { rung.complete("rung"); } }, 3);
        System.out.println("timers " + rung.get());
    }

    static void garbage() throws Exception {
        Thread[] all = new Thread[3];
        AtomicLong sum = new AtomicLong();
        for (int i = 0; i < all.length; i++) {
            all[i] = new Thread(() -> {
                Map<Integer, byte[]> kept = new HashMap<>();
                for (int k = 0; k < 6000; k++) {
                    kept.put(k % 100, new byte[2000]);
                    sum.addAndGet(kept.size());
                }
            });
            all[i].start();
        }
        for (Thread t : all) t.join();
        System.gc();
        System.out.println("garbage " + sum);
    }

    static int depth(int n) { return depth(n + 1) + 1; }

    static void faults() {
        int caught = 0;
        int[] array = new int[3];
        String none = System.getProperty("not.there");
        for (int i = 0; i < 20000; i++) {
            try {
                if (i % 4 == 0) caught += none.length();
                else if (i % 4 == 1) caught += 1 / (i - i);
                else array[i % 4 + 1] = i;
            } catch (NullPointerException | ArithmeticException | ArrayIndexOutOfBoundsException x) {
                caught++;
            }
        }
        try { depth(0); } catch (StackOverflowError x) { caught++; }
        System.out.println("faults " + caught);
    }

    public static void main(String[] args) throws Exception {
        pools();
        locks();
        queues();
        timers();
        garbage();
        faults();
    }
}
