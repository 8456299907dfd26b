// C++20 threads: async, promises, atomic wait, latch, barrier, semaphore, stop tokens, call_once.
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <latch>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

static void futures()
{
    std::vector<std::future<long>> parts;
    for (int i = 0; i < 6; i++)
        parts.push_back(std::async(std::launch::async, [i] {
            long s = 0;
            for (long n = 0; n < 50000; n++)
                s += n * n % (i + 3);
            return s;
        }));
    long total = 0;
    for (auto &p : parts)
        total += p.get();
    std::promise<int> broken;
    std::thread t([&] {
        try {
            throw std::runtime_error("carried over");
        } catch (...) {
            broken.set_exception(std::current_exception());
        }
    });
    try {
        broken.get_future().get();
    } catch (const std::exception &e) {
        std::printf("futures %ld %s\n", total, e.what());
    }
    t.join();
}

static void atomics()
{
    std::atomic<int> turn{0};
    std::atomic_flag over = ATOMIC_FLAG_INIT;
    std::vector<std::jthread> ring;
    for (int me = 0; me < 4; me++)
        ring.emplace_back([&, me] {
            for (int round = 0; round < 50; round++) {
                for (int now; (now = turn.load()) % 4 != me;)
                    turn.wait(now);
                turn.fetch_add(1);
                turn.notify_all();
            }
        });
    ring.clear();
    std::jthread waiter([&] { over.wait(false); });
    over.test_and_set();
    over.notify_one();
    std::printf("atomics %d\n", turn.load());
}

static void meetings()
{
    std::latch all{5};
    std::counting_semaphore<3> room{3};
    std::atomic<int> inside{0}, most{0};
    int rounds = 0;
    std::barrier step{5, [&]() noexcept { rounds++; }};
    std::vector<std::jthread> v;
    for (int i = 0; i < 5; i++)
        v.emplace_back([&] {
            all.arrive_and_wait();
            for (int k = 0; k < 20; k++) {
                room.acquire();
                int n = ++inside, m = most.load();
                while (n > m && !most.compare_exchange_weak(m, n)) {
                }
                --inside;
                room.release();
                step.arrive_and_wait();
            }
        });
    v.clear();
    std::printf("meetings %d %s\n", rounds, most.load() <= 3 ? "room kept" : "room broken");
}

static void stops()
{
    std::mutex m;
    std::condition_variable_any c;
    std::atomic<long> turns = 0;
    bool asked = false;
    {
        std::jthread spin([&](std::stop_token s) {
            while (!s.stop_requested())
                turns++;
        });
        std::jthread wait([&](std::stop_token s) {
            std::unique_lock l(m);
            asked = !c.wait(l, s, [] { return false; });
        });
        while (!turns)
            std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    std::shared_timed_mutex rw;
    std::shared_lock reader(rw);
    bool busy = !std::async(std::launch::async, [&] {
                     return rw.try_lock_for(std::chrono::milliseconds(2));
                 }).get();
    std::once_flag once;
    int times = 0;
    {
        std::vector<std::jthread> v;
        for (int i = 0; i < 4; i++)
            v.emplace_back([&] { std::call_once(once, [&] { times++; }); });
    }
    std::printf("stops %d %d %d %d\n", turns.load() > 0, asked, busy, times);
}

int main()
{
    futures();
    atomics();
    meetings();
    stops();
}
