//! The rules in use: the built-in packs, and the teams' own.

use std::path::{Path, PathBuf};

use anyhow::Context;
use classifiers::{Classifier, PackSource};

/// Compiles the built-in packs with the given ones, which win. Every fault of every pack is reported at once.
pub fn load_classifier(files: &[PathBuf]) -> anyhow::Result<Classifier> {
    if files.is_empty() {
        return Classifier::builtin().context("the built-in rules do not load");
    }
    Classifier::with_packs(&pack_sources(files)?).context("the rule packs cannot be used")
}

/// Reads the named files, and the `.toml` files of the named folders.
pub fn pack_sources(files: &[PathBuf]) -> anyhow::Result<Vec<PackSource>> {
    let mut packs = Vec::new();
    for file in files {
        if file.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(file)
                .with_context(|| format!("the folder {} cannot be read", file.display()))?
                .filter_map(|entry| entry.ok().map(|entry| entry.path()))
                .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
                .collect();
            inside.sort();
            for path in inside {
                packs.push(pack_source(&path)?);
            }
        } else {
            packs.push(pack_source(file)?);
        }
    }
    Ok(packs)
}

fn pack_source(path: &Path) -> anyhow::Result<PackSource> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the rule pack {} cannot be read", path.display()))?;
    let name = path
        .file_stem()
        .map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned());
    Ok(PackSource { name, text })
}
