// thread_cxx - std::thread, async, future, condition_variable, shared_mutex, an exception
// that crosses threads.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

static long part(long from, long to)
{
    long s = 0;
    for (long i = from; i < to; i++)
        s += i * i % 11;
    return s;
}

static int thrower(int n)
{
    if (n == 3)
        throw std::runtime_error("three");
    return n;
}

int main()
{
    std::vector<std::future<long>> parts;
    long total = 0;
    for (long i = 0; i < 6; i++)
        parts.push_back(std::async(std::launch::async, part, i * 20000, (i + 1) * 20000));
    for (auto &p : parts)
        total += p.get();
    std::printf("async %ld, alone %ld\n", total, part(0, 120000));
    for (int i = 2; i < 5; i++)
        try {
            std::printf("got %d\n", std::async(std::launch::async, thrower, i).get());
        } catch (const std::exception &e) {
            std::printf("caught %s\n", e.what());
        }
    std::shared_mutex lock;
    std::atomic<int> readers{0};
    int value = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&, i] {
            for (int k = 0; k < 100; k++)
                if (i % 4 == 0) {
                    std::unique_lock<std::shared_mutex> l(lock);
                    value++;
                } else {
                    std::shared_lock<std::shared_mutex> l(lock);
                    readers += value >= 0;
                }
        });
    for (auto &t : threads)
        t.join();
    std::printf("value %d, readers %d\n", value, readers.load());
    std::mutex m;
    std::condition_variable cv;
    bool go = false;
    std::unique_lock<std::mutex> l(m);
    bool timely = cv.wait_for(l, std::chrono::milliseconds(3), [&] { return go; });
    std::thread t([&] {
        std::lock_guard<std::mutex> g(m);
        go = true;
        cv.notify_all();
    });
    cv.wait(l, [&] { return go; });
    t.join();
    std::printf("timely %d, go %d\n", timely, go);
    return total == part(0, 120000) && value == 200 && readers == 600 ? 0 : 1;
}
