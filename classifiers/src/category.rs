//! What kinds of failure there are, and whose move each one is: two closed lists.
//!
//! The words are an interface (rule packs, the JSON of `whyred triage`, labelled corpora): a word may be added,
//! never renamed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Writes one closed list: the enum, its words in snake case, `ALL`, `as_str`, `FromStr` and `Display`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every word of the list, in the order in which it is documented.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word as it stands in rule packs, JSON and labels.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| UnknownWord {
                    word: word.to_owned(),
                    known: Self::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A word that is not on the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not known here; write one of: {known}")]
pub struct UnknownWord {
    /// What was written.
    pub word: String,
    /// The words that would have been right.
    pub known: String,
}

words! {
    /// What kind of failure it is.
    Category {
        /// A compiler or linker rejected the code.
        CompileError = "compile_error",
        /// A test failed.
        TestFailure = "test_failure",
        /// A test failed and then passed without a change.
        FlakyTest = "flaky_test",
        /// A linter or formatter complained.
        LintFormat = "lint_format",
        /// A type checker complained.
        TypeCheck = "type_check",
        /// Versions that do not fit together, or a package that does not exist.
        DependencyResolution = "dependency_resolution",
        /// A package exists and could not be fetched.
        DependencyDownload = "dependency_download",
        /// A connection failed or broke.
        Network = "network",
        /// A name could not be resolved.
        Dns = "dns",
        /// A certificate or handshake was rejected.
        Tls = "tls",
        /// Credentials are missing, wrong or not enough.
        AuthPermission = "auth_permission",
        /// A service asked to slow down.
        RateLimit = "rate_limit",
        /// Something took longer than allowed.
        Timeout = "timeout",
        /// Memory ran out.
        OutOfMemory = "out_of_memory",
        /// A disk or quota is full.
        DiskFull = "disk_full",
        /// The machine that ran the job went away.
        RunnerLost = "runner_lost",
        /// Building an image failed for a reason of the image build itself.
        DockerBuild = "docker_build",
        /// An image could not be pulled.
        ImagePull = "image_pull",
        /// A cluster refused or failed a deployment.
        K8sDeploy = "k8s_deploy",
        /// Infrastructure as code failed.
        TerraformIac = "terraform_iac",
        /// A configuration file or flag is wrong.
        ConfigSyntax = "config_syntax",
        /// A program or file is not there.
        MissingToolOrFile = "missing_tool_or_file",
        /// A cache or artifact could not be stored or read.
        CacheArtifact = "cache_artifact",
        /// A security scanner found something.
        SecurityScan = "security_scan",
        /// A rule of the organisation or the project was broken.
        PolicyGate = "policy_gate",
        /// Git could not merge, fetch or check out.
        MergeConflictGit = "merge_conflict_git",
        /// Coverage is below its threshold.
        CodeCoverageGate = "code_coverage_gate",
        /// A program crashed.
        CrashSegfault = "crash_segfault",
        /// Publishing a package or release failed.
        ReleasePublish = "release_publish",
        /// A database refused or failed.
        Database = "database",
        /// Someone or something stopped the job.
        Cancelled = "cancelled",
        /// It failed, and the log does not say why.
        Unknown = "unknown",
        /// It did not fail.
        None = "none",
    }
}

words! {
    /// Whose move it is.
    Owner {
        /// The author of the change.
        Code = "code",
        /// The test itself is at fault.
        Test = "test",
        /// Something that we depend on.
        Dependency = "dependency",
        /// The machines, networks and services that the pipeline runs on.
        Infra = "infra",
        /// The configuration of the pipeline or its tools.
        Config = "config",
        /// The security team or whoever owns the finding.
        Security = "security",
        /// Whoever owns the rule that was broken.
        Policy = "policy",
        /// Nobody's: it passes when run again.
        Flaky = "flaky",
        /// The log does not show it.
        Unknown = "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for category in Category::ALL {
            assert_eq!(category.as_str().parse::<Category>().as_ref(), Ok(category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
        }
        for owner in Owner::ALL {
            assert_eq!(owner.as_str().parse::<Owner>().as_ref(), Ok(owner));
            assert_eq!(serde_json::to_value(owner).unwrap(), owner.as_str());
        }
    }

    #[test]
    fn a_wrong_word_lists_the_right_ones() {
        insta::assert_snapshot!("ops".parse::<Owner>().unwrap_err(), @"`ops` is not known here; write one of: code, test, dependency, infra, config, security, policy, flaky, unknown");
    }
}
