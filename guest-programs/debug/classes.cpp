// C++ for the debugger: namespaces, overloads, classes, templates, references, the standard library's containers, exceptions.
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {
enum class Color { Red, Green = 5 };
enum Size { SMALL, LARGE };

struct Base {
  virtual ~Base() = default;
  virtual int price(int n) const { return n; }
  int id = 3;
};

struct Item : Base {
  std::string name;
  double weight;
  Color color = Color::Green;
  static int count;
  Item(const std::string &n, double w) : name(n), weight(w) { count++; }
  int price(int n) const override { return n * 2 + (int)name.size(); }
  bool operator<(const Item &o) const { return weight < o.weight; }
};
int Item::count = 0;

int add(int a, int b) { return a + b; }
double add(double a, double b) { return a + b; }

template <typename T> T largest(const std::vector<T> &v) {
  T best = v[0];
  for (const T &x : v)
    if (best < x) best = x;
  return best;
}

namespace {
int hidden = 42;
int helper(int x) { return x + hidden; }
} // namespace

int check(const Item &item, std::vector<int> v) {
  if (v.size() > 3) throw std::runtime_error("too many: " + item.name);
  return helper((int)v.size());
}
} // namespace shop

int main(int argc, char **argv) {
  using namespace shop;
  Item book("book", 1.5);
  std::unique_ptr<Base> lamp = std::make_unique<Item>("lamp", 2.5);
  std::shared_ptr<Item> shared = std::make_shared<Item>("a name that is too long for the string itself", 3.5);
  std::vector<int> v{1, 2, 3};
  std::map<std::string, int> m{{"a", 1}, {"b", 2}};
  std::vector<bool> empty;
  int &ref = v[1];
  Size size = LARGE;
  auto lambda = [&](int k) { return k + ref; };
  int total = add(1, 2) + (int)add(1.5, 2.5) + largest(v) + lambda(5); // classes: sum
  total += lamp->price(10) + shared->price(size);
  try {
    total += check(book, v);
    v.push_back(4);
    total += check(book, v);
  } catch (const std::exception &e) {
    printf("caught %s\n", e.what());
  }
  printf("%d %zu %d %s\n", total, m.size() + empty.size(), argc, argv[0] == nullptr ? "" : "named");
  return 0;
}
