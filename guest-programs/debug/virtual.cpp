// Virtual functions for the debugger: a class with two bases that have tables, seen through pointers and references to them.
namespace shop {
struct Shape {
  virtual ~Shape() {}
  virtual int area() const { return 0; }
  virtual int sides() const { return 0; }
  int id = 7;
};
struct Named {
  virtual const char *name() const { return "named"; }
  int tag = 9;
};
struct Square : Shape, Named {
  int side;
  Square(int s) : side(s) {}
  int area() const override { return side * side; }
  const char *name() const override { return "square"; }
};
} // namespace shop

int look(shop::Shape *shape, shop::Named &named) { return shape->area() + named.tag; }

int main() {
  shop::Square square(5);
  shop::Shape plain;
  int sum = look(&square, square);
  return sum + plain.area() - 34;
}
