// throw.cc - an exception that nobody catches, thrown through a frame that only cleans up.
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {

struct Till {
    std::string name;
    ~Till() { name.clear(); }
    __attribute__((noinline)) void open(const std::vector<int> &coins)
    {
        if (coins.empty())
            throw std::runtime_error("empty");
    }
};

__attribute__((noinline)) void sell()
{
    Till till{"till"};
    till.open({});
}

} // namespace shop

int main()
{
    shop::sell();
    return 0;
}
