// C++ for the debugger: containers, and objects whose functions are called by hand.
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace shop {
struct Base {
  virtual ~Base() {}
  virtual int price() const { return 1; }
  int discount(int percent) const { return id * percent; }
  int id = 5;
};

class Item : public Base {
public:
  typedef unsigned long count_type;
  Item(std::string n, int c) : name(n), cost(c) {}
  int price() const override { return cost; }
  int times(int n) { return cost * n; }
  double times(double n) { return cost * n; }
  std::string label(const std::string &before) const { return before + name; }
  static int made;
  std::string name;

private:
  int cost;
  count_type sold() const { return 0; }
};
int Item::made = 9;
} // namespace shop

int use(shop::Base &base, shop::Item &item, std::map<std::string, int> &stock) {
  std::deque<int> queue;
  for (int i = 0; i < 300; i++) queue.push_back(i);
  queue.pop_front();
  std::tuple<int, std::string> pair{1, "x"};
  std::unordered_map<int, std::string> names{{2, "two"}};
  std::map<int, shop::Item *> items{{7, &item}};
  std::vector<std::string> words{"u", "v"};
  int sum = base.price() + base.discount(2) + item.times(2) + (int)item.times(1.5);
  sum += (int)item.label("an ").size(); // containers: use
  return sum + stock["a"] + queue[0] + std::get<0>(pair) + (int)(names.size() + items.size() + words.size());
}

int main() {
  shop::Item item("apple", 3);
  std::map<std::string, int> stock{{"a", 1}, {"b", 2}};
  printf("%d\n", use(item, item, stock));
}
