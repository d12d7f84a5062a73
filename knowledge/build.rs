//! Builds again when a runbook is added or removed; the embedding macro only notices changes within known files.

fn main() {
    println!("cargo::rerun-if-changed=runbooks");
    println!("cargo::rerun-if-changed=build.rs");
}
