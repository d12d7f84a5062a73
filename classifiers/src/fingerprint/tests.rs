//! What stays and what goes, on lines as tools print them.

use proptest::prelude::*;

use super::*;

#[test]
fn what_varies_is_masked_and_what_identifies_stays() {
    let lines = [
        "error[E0308]: mismatched types",
        "/home/runner/work/pay/pay/src/app.ts(12,5): error TS2345: Argument of type 'string'",
        r"D:\a\pay\pay\src\app.ts(9,1): error TS2345: Argument of type “string”",
        "dial tcp 10.0.0.17:5432: connect: connection refused after 30.5s",
        "dial tcp: lookup db-7.prod.corp.internal on 10.1.2.3:53: no such host",
        "panicked at src/lib.rs:41:9: index 7 out of bounds",
        "FAILED tests/unit/test_money.py::test_rounding[3-half_up] - assert 10 == 11",
        "fatal: bad object 1437b32fa6f406eb5c4136a486d390a178ac1971 at 2026-11-23T13:41:59Z",
        "[2026-11-23 10:11:12,345] ERROR [pool-3-thread-7] com.acme.Pay - java.lang.IllegalStateException: tenant 42",
        "curl: (22) The requested URL returned error: 403",
        "GET https://bot:x@registry.npmjs.example:8443/left-pad/-/left-pad-1.3.0.tgz?token=1 - 404 Not Found",
        "npm error code E404",
        "make: *** [Makefile:12: check] Error 2",
        "The process '/usr/bin/git' failed with exit code 128",
        "OSError: [Errno 28] No space left on device: '/tmp/tmpab12cd34/out.bin'",
        "Error: pod payments-7d4b9c6f5d-x2x7k in CrashLoopBackOff for 5m30s",
        "failed to pull ghcr.io/acme/payments/api:1.2.3-rc.1@sha256:0123456789abcdef0123456789abcdef",
        "ORA-00942: table or view does not exist",
        "--- FAIL: TestRefund/rounds/half_up (0.03s)",
        "App\\Models\\User::find(): Illuminate\\Database\\QueryException",
        "ERROR: No matching distribution found for numpy==1.26.4",
        "CVE-2024-12345 in openssl 3.0.2-0ubuntu1.10",
        "error: linker killed (signal: 9, SIGKILL) after 1.5 GiB",
        "Thread 12 'tokio-runtime-worker' at 0x7ffee1, commit 9f2c1e7",
    ];
    let shown: Vec<String> = lines.iter().map(|line| mask(line)).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    error[E0308]: mismatched types
    src/app.ts: error TS2345: Argument of type 'string'
    src/app.ts: error TS2345: Argument of type 'string'
    dial tcp <address>: connect: connection refused after <took>
    dial tcp: lookup db-<n>.prod.corp.internal on <address>: no such host
    panicked at src/lib.rs: index <n> out of bounds
    FAILED unit/test_money.py::test_rounding[…] - assert <n> == <n>
    fatal: bad object <id> at <time>
    ERROR [pool-<n>-thread-<n>] com.acme.Pay - java.lang.IllegalStateException: tenant <n>
    curl: (22) The requested URL returned error: 403
    GET https://registry.npmjs.example/left-pad/-/left-pad-<n> - 404 Not Found
    npm error code E404
    make: *** [Makefile:<n>: check] Error 2
    The process 'bin/git' failed with exit code 128
    OSError: [Errno 28] No space left on device: '<tmp>/out.bin'
    Error: pod payments-<id> in CrashLoopBackOff for <took>
    failed to pull ghcr.io/acme/payments/api:<n>@<id>
    ORA-00942: table or view does not exist
    --- FAIL: TestRefund/rounds/half_up (<took>)
    App\Models\User::find(): Illuminate\Database\QueryException
    ERROR: No matching distribution found for numpy==<n>
    CVE-2024-12345 in openssl <n>
    error: linker killed (signal: 9, SIGKILL) after <size>
    Thread <n> 'tokio-runtime-worker' at <id>, commit <n>
    ");
}

#[test]
fn long_signatures_are_cut_at_a_letter_and_still_differ_in_their_ends() {
    let long = fingerprint(&"ü".repeat(400));
    assert!(long.len() <= LONGEST && long.starts_with("v2:üü") && long.contains("ü #"), "{long}");
    assert_ne!(long, fingerprint(&format!("{}ä", "ü".repeat(400))));
    assert!(!fingerprint(&"ü".repeat(100)).contains('#'));
}

proptest! {
    /// Anything may stand in a log.
    #[test]
    fn any_text_has_a_signature_on_one_line(text in any::<String>()) {
        let made = fingerprint(&text);
        prop_assert!(made.len() <= LONGEST);
        prop_assert!(!made.contains(['\n', '\r', '\t']));
        prop_assert_eq!(&made, &fingerprint(&text));
    }

    #[test]
    fn machines_times_and_ids_make_no_difference(
        user in "[a-z]{3,8}", run in 1u64..99_999_999, seconds in 0u32..9_999, sha in "[0-9a-f]{40}", line in 1u32..9_999,
    ) {
        let said = |user: &str, run: u64, seconds: u32, sha: &str, line: u32| fingerprint(&format!(
            "/home/{user}/work/pay/pay/src/money/round.rs:{line}: run {run} of {sha} failed after {seconds}s"
        ));
        prop_assert_eq!(
            said(&user, run, seconds, &sha, line),
            said("mona", 7, 3, "1437b32fa6f406eb5c4136a486d390a178ac1971", 41)
        );
    }

    #[test]
    fn codes_make_a_difference(one in 1u32..255, other in 1u32..255) {
        prop_assume!(one != other);
        for said in ["Process completed with exit code ", "exit status ", "HTTP ", "[Errno ", "status code: "] {
            prop_assert_ne!(fingerprint(&format!("{said}{one}")), fingerprint(&format!("{said}{other}")));
        }
    }
}
