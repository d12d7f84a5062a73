//! Is the right runbook on top? Questions as people ask them and key lines as tools print them, written without looking
//! at the runbooks' words, each with the runbooks that would help.

use super::*;

/// Share of queries whose first hit must be right, in per cent.
const FLOOR_FIRST: usize = 88;
/// Share of queries that must have a right one among the first three, in per cent.
const FLOOR_TOP_THREE: usize = 95;

/// A question, and the runbooks that answer it.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("why was my build killed with exit code 137", &["out-of-memory"]),
    ("java heap space out of memory in maven tests", &["out-of-memory"]),
    ("node build dies with JavaScript heap out of memory", &["node-heap-out-of-memory"]),
    ("no space left on device while building an image", &["disk-full"]),
    ("docker hub says toomanyrequests, what can we do?", &["rate-limits", "image-pull", "registry-login"]),
    ("pods are stuck in ImagePullBackOff", &["image-pull"]),
    ("deployment keeps restarting with CrashLoopBackOff", &["kubernetes-rollout"]),
    ("x509: certificate signed by unknown authority", &["tls-certificates"]),
    ("our self signed cert is not trusted by the runner", &["tls-certificates"]),
    ("how do I fix npm ERESOLVE unable to resolve dependency tree", &["npm-eresolve"]),
    ("npm ci says package.json and package-lock.json are not in sync", &["npm-lock-out-of-date"]),
    ("pip cannot find a version that satisfies the requirement", &["pip-resolution"]),
    ("error E0308 mismatched types", &["rust-compile-errors"]),
    ("cargo says the lock file needs to be updated but --locked was passed", &["cargo-dependencies"]),
    ("merge conflict, automatic merge failed", &["merge-conflicts"]),
    ("permission denied (publickey) when cloning", &["git-checkout", "git-submodules"]),
    ("403 resource not accessible by integration", &["github-token-permissions"]),
    ("terraform error acquiring the state lock", &["terraform-state-lock"]),
    ("the runner has received a shutdown signal", &["runner-lost", "cancelled-runs"]),
    ("the hosted runner lost communication with the server", &["runner-lost"]),
    ("test passes locally but sometimes fails in CI", &["flaky-tests"]),
    ("pytest assertion failed, how do I read it?", &["pytest-failures"]),
    ("eslint and prettier complain", &["eslint-prettier"]),
    ("mypy reports incompatible types", &["mypy-ruff"]),
    ("could not resolve host github.com", &["dns"]),
    ("connection reset by peer while downloading dependencies", &["network-timeouts"]),
    ("job exceeded the maximum execution time", &["job-timeout"]),
    ("coverage is below the threshold", &["coverage-gate"]),
    ("trivy found a critical vulnerability, build blocked", &["security-scan"]),
    ("a secret was found in my commit and push was rejected", &["leaked-secret"]),
    ("database migration failed: relation already exists", &["database-in-ci"]),
    ("connection refused to postgres in the test job", &["database-in-ci"]),
    ("segmentation fault core dumped", &["segfault"]),
    ("command not found in the CI script", &["missing-tool-or-file"]),
    ("yaml syntax error in the workflow file", &["config-syntax"]),
    ("cache not found, restore failed", &["caches"]),
    ("npm publish 403 cannot publish over existing version", &["release-publish"]),
    ("go: missing go.sum entry", &["go-modules"]),
    ("gradle could not resolve artifact", &["gradle-failures"]),
    ("API rate limit exceeded for GitHub", &["rate-limits"]),
    ("helm upgrade failed another operation is in progress", &["helm"]),
    ("Dockerfile COPY failed: file not found in build context", &["docker-build"]),
];

/// Category, the rule's tags, tool, key line, summary, and the runbooks that help.
type Failure = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const FAILURES: &[Failure] = &[
    (
        "compile_error",
        &["rust", "compile"],
        "rust rustc",
        "error[E0599]: no method named `frobnicate` found for struct `Ledger` in the current scope",
        "rustc rejects the code with E0599",
        &["rust-compile-errors"],
    ),
    (
        "dependency_resolution",
        &["rust", "dependencies"],
        "cargo",
        "error: failed to select a version for `openssl-sys`",
        "Cargo finds no version that fits",
        &["cargo-dependencies"],
    ),
    (
        "test_failure",
        &["rust", "test"],
        "cargo test",
        "thread 'ledger::tests::rounds' panicked at src/ledger.rs:88:9:",
        "the test ledger::tests::rounds failed",
        &["rust-test-failures"],
    ),
    (
        "test_failure",
        &["python", "pytest", "test"],
        "python pytest",
        "E       assert Decimal('10.00') == Decimal('10.01')",
        "test_refund_rounding failed",
        &["pytest-failures"],
    ),
    (
        "dependency_resolution",
        &["python", "dependencies"],
        "python pip",
        "ERROR: Could not find a version that satisfies the requirement leftpad==9.9 (from versions: none)",
        "pip finds no such version",
        &["pip-resolution"],
    ),
    (
        "type_check",
        &["python", "types", "mypy"],
        "python mypy",
        "app/models.py:31: error: Incompatible return value type (got \"None\", expected \"str\")  [return-value]",
        "mypy rejects the types",
        &["mypy-ruff"],
    ),
    (
        "dependency_resolution",
        &["javascript", "npm", "dependencies"],
        "javascript npm",
        "npm error ERESOLVE unable to resolve dependency tree",
        "npm cannot fit the peer dependencies together",
        &["npm-eresolve"],
    ),
    (
        "dependency_resolution",
        &["javascript", "npm", "lockfile"],
        "javascript npm",
        "npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.",
        "the lock file does not fit",
        &["npm-lock-out-of-date"],
    ),
    (
        "test_failure",
        &["javascript", "test"],
        "javascript jest",
        "  ● cart › adds an item",
        "the test cart adds an item failed",
        &["jest-vitest"],
    ),
    (
        "lint_format",
        &["javascript", "lint", "eslint"],
        "javascript eslint",
        "  12:5  error  'total' is assigned a value but never used  no-unused-vars",
        "ESLint found a fault",
        &["eslint-prettier"],
    ),
    (
        "type_check",
        &["javascript", "typescript"],
        "javascript typescript",
        "src/app.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.",
        "TypeScript rejects the code with TS2322",
        &["typescript-tsc"],
    ),
    (
        "out_of_memory",
        &["javascript", "node"],
        "javascript node",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "Node ran out of heap",
        &["node-heap-out-of-memory"],
    ),
    (
        "compile_error",
        &["java", "compile"],
        "java maven",
        "[ERROR] /src/main/java/app/Ledger.java:[12,8] cannot find symbol",
        "javac rejects the code",
        &["maven-compile"],
    ),
    (
        "dependency_resolution",
        &["java", "maven", "dependencies"],
        "java maven",
        "[ERROR] Failed to execute goal on project app: Could not resolve dependencies for project org.acme:app:jar:1.0",
        "Maven cannot resolve the dependencies",
        &["maven-dependencies"],
    ),
    (
        "compile_error",
        &["java", "gradle"],
        "java gradle",
        "Execution failed for task ':app:compileKotlin'.",
        "the Kotlin compiler failed",
        &["gradle-failures"],
    ),
    (
        "dependency_resolution",
        &["go", "dependencies"],
        "go mod",
        "go: github.com/acme/ledger@v1.2.3: missing go.sum entry; to add it:",
        "go.sum lacks an entry",
        &["go-modules"],
    ),
    (
        "test_failure",
        &["go", "test"],
        "go test",
        "--- FAIL: TestRefundRounding (0.00s)",
        "TestRefundRounding failed",
        &["go-test"],
    ),
    (
        "compile_error",
        &["c", "linker"],
        "c ld",
        "/usr/bin/ld: main.o: undefined reference to `deflate'",
        "a symbol is missing at link time",
        &["c-cpp-build"],
    ),
    (
        "missing_tool_or_file",
        &["rust", "system-library"],
        "rust pkg-config",
        "The system library `openssl` required by crate `openssl-sys` was not found.",
        "a system library is missing",
        &["system-libraries"],
    ),
    (
        "crash_segfault",
        &["c", "crash"],
        "shell",
        "/bin/sh: line 1:  4242 Segmentation fault      (core dumped) ./ledger",
        "a program crashed",
        &["segfault"],
    ),
    (
        "docker_build",
        &["docker_build", "docker", "dockerfile"],
        "docker build",
        "ERROR: failed to solve: failed to compute cache key: \"/dist\": not found",
        "the Dockerfile copies what is not there",
        &["docker-build"],
    ),
    (
        "image_pull",
        &["image_pull", "docker"],
        "docker pull",
        "Error response from daemon: manifest for acme/app:9.9 not found: manifest unknown",
        "there is no such image",
        &["image-pull"],
    ),
    (
        "disk_full",
        &["disk_full", "runner"],
        "shell",
        "tar: dist/app.js: Cannot write: No space left on device",
        "the disk is full",
        &["disk-full"],
    ),
    (
        "rate_limit",
        &["rate_limit", "docker"],
        "docker pull",
        "toomanyrequests: You have reached your pull rate limit.",
        "the registry limits the rate",
        &["rate-limits"],
    ),
    (
        "k8s_deploy",
        &["k8s_deploy", "kubernetes"],
        "kubectl",
        "error: deployment \"payments\" exceeded its progress deadline",
        "the rollout did not finish",
        &["kubernetes-rollout"],
    ),
    (
        "k8s_deploy",
        &["k8s_deploy", "helm", "kubernetes"],
        "helm",
        "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
        "Helm is locked by another operation",
        &["helm"],
    ),
    (
        "terraform_iac",
        &["terraform_iac", "terraform", "opentofu"],
        "terraform",
        "Error: Error acquiring the state lock",
        "the state is locked",
        &["terraform-state-lock"],
    ),
    (
        "terraform_iac",
        &["terraform_iac", "terraform", "opentofu"],
        "terraform",
        "Error: Failed to query available provider packages",
        "terraform init finds no provider",
        &["terraform-init"],
    ),
    (
        "tls",
        &["tls", "curl", "certificates"],
        "curl",
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        "the certificate is not trusted",
        &["tls-certificates"],
    ),
    (
        "dns",
        &["dns", "curl"],
        "curl",
        "curl: (6) Could not resolve host: artifacts.acme.example",
        "the name cannot be resolved",
        &["dns"],
    ),
    (
        "network",
        &["network", "timeout"],
        "python",
        "urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pypi.example', port=443): Read timed out.",
        "a connection timed out",
        &["network-timeouts"],
    ),
    (
        "auth_permission",
        &["auth_permission", "github"],
        "github",
        "Error: Resource not accessible by integration",
        "the token may not do this",
        &["github-token-permissions"],
    ),
    (
        "auth_permission",
        &["auth_permission", "aws"],
        "aws",
        "An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.",
        "the AWS credentials have expired",
        &["cloud-credentials"],
    ),
    (
        "merge_conflict_git",
        &["merge_conflict_git", "git", "merge"],
        "git",
        "CONFLICT (content): Merge conflict in src/ledger.rs",
        "the merge conflicts",
        &["merge-conflicts"],
    ),
    (
        "merge_conflict_git",
        &["merge_conflict_git", "git", "checkout"],
        "git",
        "fatal: couldn't find remote ref refs/heads/gone",
        "the branch does not exist",
        &["git-checkout"],
    ),
    (
        "runner_lost",
        &["runner_lost", "runner"],
        "github",
        "The hosted runner: GitHub Actions 7 lost communication with the server.",
        "the runner was lost",
        &["runner-lost"],
    ),
    (
        "timeout",
        &["timeout"],
        "github",
        "##[error]The job running on runner GitHub Actions 3 has exceeded the maximum execution time of 360 minutes.",
        "the job ran into its time limit",
        &["job-timeout"],
    ),
    (
        "code_coverage_gate",
        &["code_coverage_gate", "coverage"],
        "python coverage",
        "FAIL Required test coverage of 90% not reached. Total coverage: 87.31%",
        "coverage is too low",
        &["coverage-gate"],
    ),
    (
        "security_scan",
        &["security_scan", "npm"],
        "npm audit",
        "6 vulnerabilities (2 moderate, 4 high)",
        "npm audit found vulnerabilities",
        &["security-scan"],
    ),
    (
        "config_syntax",
        &["config_syntax", "yaml"],
        "github",
        "Invalid workflow file: .github/workflows/ci.yml#L12",
        "the workflow file is not valid",
        &["config-syntax"],
    ),
    (
        "cache_artifact",
        &["cache_artifact", "artifact"],
        "github",
        "Error: Unable to find any artifacts for the associated workflow",
        "the artifact is not there",
        &["artifacts"],
    ),
    (
        "database",
        &["database", "postgresql"],
        "postgres",
        "FATAL:  password authentication failed for user \"app\"",
        "the database refuses the login",
        &["database-in-ci"],
    ),
    (
        "release_publish",
        &["release_publish", "npm"],
        "npm publish",
        "npm error 403 You cannot publish over the previously published versions: 1.4.0.",
        "this version exists already",
        &["release-publish"],
    ),
    (
        "policy_gate",
        &["policy", "commit"],
        "commitlint",
        "✖   subject may not be empty [subject-empty]",
        "the commit message breaks the rules",
        &["policy-gate"],
    ),
];

/// Questions that no runbook answers.
const STRANGERS: &[&str] = &[
    "when is lunch on Friday?",
    "who won the football match yesterday",
    "can I book a meeting room on the third floor",
    "recipe for sourdough bread",
    "what's the wifi password in the Berlin office",
    "how do I apply for parental leave",
    "my laptop screen flickers, whom do I tell",
    "translate this sentence into French",
];

#[test]
fn the_right_runbook_is_on_top() {
    let index = starter_index();
    let mut score = Score::default();
    for (question, right) in QUESTIONS {
        score.count(question, &index.for_question(question, 3).unwrap(), right);
    }
    let questions = score.total;
    for (category, tags, tool, key_line, summary, right) in FAILURES {
        let query = DiagnosisQuery {
            category: (*category).to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            tool: (*tool).to_owned(),
            key_line: (*key_line).to_owned(),
            summary: (*summary).to_owned(),
        };
        score.count(key_line, &index.for_diagnosis(&query, 3).unwrap(), right);
    }
    let share = |count: usize| 100 * count / score.total;
    println!(
        "{} questions and {} failures: hit@1 {} %, hit@3 {} %",
        questions,
        score.total - questions,
        share(score.first),
        share(score.top_three)
    );
    println!("{}", score.misses.join("\n"));
    for id in score.expected.iter().copied().flatten() {
        assert!(index.document(id).unwrap().is_some(), "there is no runbook {id}");
    }
    assert!(share(score.first) >= FLOOR_FIRST, "hit@1 {} %\n{}", share(score.first), score.misses.join("\n"));
    assert!(
        share(score.top_three) >= FLOOR_TOP_THREE,
        "hit@3 {} %\n{}",
        share(score.top_three),
        score.misses.join("\n")
    );
    assert!(score.doubted * 10 <= score.total, "{} right answers with a relevance below 0.3", score.doubted);
}

#[test]
fn what_no_runbook_answers_is_known_by_its_low_relevance() {
    let index = starter_index();
    let mut best: Vec<(f32, &str)> = STRANGERS
        .iter()
        .map(|question| {
            let hits = index.for_question(question, 1).unwrap();
            (hits.first().map_or(0.0, |hit| hit.relevance), *question)
        })
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{best:.2?}");
    // A short question may share a rare word with some page by chance; it must stay the exception, and below any doubt.
    assert!(best[0].0 < 0.4 && best[1].0 < 0.3, "{best:.2?}");
}

#[derive(Default)]
struct Score {
    total: usize,
    first: usize,
    top_three: usize,
    /// Right first hits whose relevance says that nothing matched.
    doubted: usize,
    expected: Vec<&'static [&'static str]>,
    misses: Vec<String>,
}

impl Score {
    fn count(&mut self, query: &str, hits: &[Hit], right: &&'static [&'static str]) {
        let found: Vec<_> = hits.iter().map(|hit| hit.document_id.as_str()).collect();
        let is_right = |id: &&str| right.contains(id);
        self.total += 1;
        self.expected.push(right);
        self.top_three += usize::from(found.iter().any(is_right));
        if found.first().is_some_and(is_right) {
            self.first += 1;
            self.doubted += usize::from(hits[0].relevance < 0.3);
            println!("{:.2} {} for {query}", hits[0].relevance, found[0]);
        } else {
            let seen: Vec<_> =
                hits.iter().map(|hit| format!("{} {:.2}", hit.document_id, hit.relevance)).collect();
            self.misses.push(format!("{query}: {} instead of {}", seen.join(", "), right.join(" or ")));
        }
    }
}
