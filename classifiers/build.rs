//! Rebuilds the crate when a rule pack changes: the packs are embedded, and the compiler does not see them.

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
