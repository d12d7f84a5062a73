//! What categories and owners are called.

use classifiers::category::{Category, Owner};

/// A category in words, as a headline's first words.
pub fn name(category: Category) -> &'static str {
    match category {
        Category::CompileError => "Compile error",
        Category::TestFailure => "Test failure",
        Category::FlakyTest => "Flaky test",
        Category::LintFormat => "Lint or formatting",
        Category::TypeCheck => "Type error",
        Category::DependencyResolution => "Dependency conflict",
        Category::DependencyDownload => "Dependency download",
        Category::Network => "Network",
        Category::Dns => "Name resolution (DNS)",
        Category::Tls => "TLS certificate",
        Category::AuthPermission => "Access denied",
        Category::RateLimit => "Rate limit",
        Category::Timeout => "Time-out",
        Category::OutOfMemory => "Out of memory",
        Category::DiskFull => "Disk full",
        Category::RunnerLost => "Runner lost",
        Category::DockerBuild => "Image build",
        Category::ImagePull => "Image pull",
        Category::K8sDeploy => "Kubernetes deployment",
        Category::TerraformIac => "Infrastructure as code",
        Category::ConfigSyntax => "Configuration syntax",
        Category::MissingToolOrFile => "Missing tool or file",
        Category::CacheArtifact => "Cache or artifact",
        Category::SecurityScan => "Security scan",
        Category::PolicyGate => "Policy gate",
        Category::MergeConflictGit => "Git or merge conflict",
        Category::CodeCoverageGate => "Coverage gate",
        Category::CrashSegfault => "Crash",
        Category::ReleasePublish => "Release or publish",
        Category::Database => "Database",
        Category::Cancelled => "Cancelled",
        Category::Unknown => "Unknown cause",
        Category::None => "No failure",
    }
}

/// An owner in words: who should act.
pub fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Code => "the author of the change",
        Owner::Test => "the owner of the test",
        Owner::Dependency => "whoever maintains the dependencies",
        Owner::Infra => "the platform team",
        Owner::Config => "whoever owns the pipeline's configuration",
        Owner::Security => "the security team",
        Owner::Policy => "the author, to satisfy the policy",
        Owner::Flaky => "the owner of the flaky test",
        Owner::Unknown => "nobody yet",
    }
}
