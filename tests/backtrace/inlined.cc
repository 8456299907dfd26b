// inlined.cc - dies in a function that the compiler has put into another one, in a third one.
#include <vector>

#define INLINE inline __attribute__((always_inline))

namespace shelf {

struct Box {
    std::vector<int> items;
    INLINE int item(int i)
    {
        if (i > 3)
            *(volatile int *)8 = 1; // innermost
        return items[i];
    }
    INLINE int pair(int i)
    {
        return item(i) + // middle
               item(i + 1);
    }
};

__attribute__((noinline)) int take(Box &box, int n)
{
    return box.pair(n); // outermost
}

} // namespace shelf

int main(int argc, char **)
{
    shelf::Box box;
    box.items.resize(10);
    return shelf::take(box, argc + 3);
}
