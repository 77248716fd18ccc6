//! The matcher's speed: judge, build and scan.
fn main() {
    divan::main();
}
