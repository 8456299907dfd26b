/*
 * cxx_exceptions - C++ exceptions through many frames, rethrown, with destructors, out
 * of noexcept-free callbacks (qsort), and the standard containers and streams.
 */
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

static int alive;
struct Guard {
    Guard()
    {
        alive++;
    }
    ~Guard()
    {
        alive--;
    }
};

static int dive(int depth)
{
    Guard g;
    if (depth == 0)
        throw std::runtime_error("bottom");
    try {
        return dive(depth - 1) + 1;
    } catch (const std::runtime_error &e) {
        if (depth % 10 == 0)
            throw std::runtime_error(std::string(e.what()) + "<" + std::to_string(depth));
        throw;
    }
}

static int compare(const void *a, const void *b)
{
    if (*static_cast<const int *>(a) == 13 || *static_cast<const int *>(b) == 13)
        throw 13;
    return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

int main()
{
    try {
        dive(35);
    } catch (const std::exception &e) {
        std::cout << "caught: " << e.what() << ", alive " << alive << "\n";
    }
    if (alive)
        return 1;
    int numbers[] = {5, 3, 13, 1};
    try {
        qsort(numbers, 4, sizeof(int), compare);
        return 1;
    } catch (int n) {
        std::cout << "caught " << n << " out of qsort\n";
    }
    std::map<std::string, std::vector<int>> m;
    for (int i = 0; i < 1000; i++)
        m[std::to_string(i % 37)].push_back(i);
    std::ostringstream s;
    for (auto &[key, list] : m)
        s << key << ":" << list.size() << " ";
    std::cout << s.str() << "\n";
    try {
        std::vector<int>().at(3);
    } catch (const std::out_of_range &) {
        std::cout << "out of range\n";
    }
    try {
        volatile size_t huge = size_t(1) << 62;
        char *volatile p = new char[huge];
        return p != nullptr;
    } catch (const std::bad_alloc &) {
        std::cout << "bad alloc" << std::endl;
    }
    return 0;
}
