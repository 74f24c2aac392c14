// Rust for the debugger: enumerations, tuples, slices, strings, generic functions, methods. Compiled to shapes.s by
// rustc --target riscv64gc-unknown-linux-gnu --crate-type=lib --emit=asm -g -C panic=abort -C overflow-checks=off -C relocation-model=pic,
// with directory and name of .file joined, as assemblers before DWARF 5 have them.
#![no_std]

pub enum Shape {
    Circle(f64),
    Rect { w: u32, h: u32 },
    Empty,
}

pub struct Point {
    pub x: i32,
    pub y: i32,
}

impl Point {
    #[inline(never)]
    pub fn norm(&self) -> i32 {
        self.x.wrapping_mul(self.x).wrapping_add(self.y)
    }
}

pub mod geo {
    use super::Shape;

    #[inline(never)]
    pub fn area(s: &Shape) -> f64 {
        match s {
            Shape::Circle(r) => 3.0 * r * r,
            Shape::Rect { w, h } => *w as f64 * *h as f64,
            Shape::Empty => 0.0,
        }
    }
}

#[inline(never)]
pub fn first<T: Copy>(slice: &[T], other: T) -> T {
    if let [first, ..] = slice { *first } else { other }
}

#[no_mangle]
pub extern "C" fn main() -> i32 {
    let shapes = [Shape::Circle(1.5), Shape::Rect { w: 2, h: 3 }, Shape::Empty];
    let label = "label";
    let some: Option<i32> = Some(5);
    let none: Option<&Point> = None;
    let p = Point { x: 3, y: -4 };
    let tuple = (1u8, 'c', true);
    let array = [1i32, 2, 3];
    let slice: &[i32] = &array;
    let [a, b, c] = &shapes;
    let sum = geo::area(a) + geo::area(b) + geo::area(c);
    let got = first(slice, 7) + p.norm() + sum as i32 + tuple.0 as i32; // shapes: end
    got + some.unwrap_or(0) + label.len() as i32 - none.map_or(0, Point::norm)
}
