//! What green runs of common tools print, for jobs of which no green run was seen yet.

use std::sync::LazyLock;

use super::Baseline;

/// Made by `classifiers/baseline/learn`, which really runs the tools.
const BYTES: &[u8] = include_bytes!("../../baseline/builtin.whyb");

/// The built-in baseline; its bytes are tested, so it is only empty if they are.
pub(crate) fn builtin() -> &'static Baseline {
    static BUILTIN: LazyLock<Baseline> = LazyLock::new(|| Baseline::decode(BYTES).unwrap_or_default());
    &BUILTIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_and_knows_common_tools() {
        assert!(Baseline::decode(BYTES).is_ok());
        for line in [
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "[INFO] BUILD SUCCESS",
        ] {
            assert!(builtin().usual(line.as_bytes()).is_known(), "{line}");
        }
    }
}
