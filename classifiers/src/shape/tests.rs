use super::*;

fn shown(log: &str) -> String {
    let mut lines = Lines::default();
    for (at, line) in log.lines().enumerate() {
        lines.push(at as u64 + 1, line.as_bytes());
    }
    let found = read(&lines, &[true; ALL.len()]);
    let one = |it: Structured| {
        let (first, last) = it.lines;
        let name = it.name.unwrap_or_default();
        format!(
            "{} {} {first}-{last} key {} | {name} | {} | {}",
            it.id,
            it.category,
            it.key,
            it.place.unwrap_or_default(),
            it.message
        )
    };
    found.into_iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn rust() {
    let log = "error[E0308]: mismatched types\n --> src/lib.rs:4:5\n  |\n4 |     1\n  |     ^ expected `()`\n\n\
               ---- tests::rounds stdout ----\n\nthread 'tests::rounds' (12) panicked at src/lib.rs:31:9:\n\
               assertion `left == right` failed: half up\n  left: 1\n right: 2\nnote: run with `RUST_BACKTRACE=1`\n";
    insta::assert_snapshot!(shown(log), @"
    shape.rustc compile_error 1-5 key 1 | E0308 | src/lib.rs:4:5 | mismatched types
    shape.cargo_test test_failure 9-12 key 10 | tests::rounds | src/lib.rs:31:9 | half up (left 1, right 2)
    ");
}

#[test]
fn pytest() {
    let log = "=========== FAILURES ===========\n______ TestCart.test_total[eur] ______\n\n    def test_total():\n\
               >       assert total() == 3\nE       assert 2 == 3\nE        +  where 2 = total()\n\ntests/test_cart.py:12: AssertionError\n\
               ===== short test summary info =====\nFAILED tests/test_cart.py::TestCart::test_total[eur] - assert 2 == 3\n";
    insta::assert_snapshot!(shown(log), @"shape.pytest test_failure 6-7 key 6 | TestCart.test_total[eur] | tests/test_cart.py:12 | assert 2 == 3");
}

#[test]
fn javascript() {
    let jest = "FAIL src/cart.test.js\n  ● cart › adds up\n\n    expect(received).toBe(expected)\n\n    Expected: 3\n    Received: 2\n\n\
                      10 |   expect(sum).toBe(3)\n      at Object.<anonymous> (src/cart.test.js:10:15)\n";
    let vitest = " FAIL  src/cart.test.ts > cart > adds up\nAssertionError: expected 2 to be 3\n ❯ src/cart.test.ts:10:15\n";
    let mocha = "  1 passing (3ms)\n  1 failing\n\n  1) cart\n       adds up:\n\n      AssertionError: expected 2 to equal 3\n      + expected - actual\n\n      at Context.<anonymous> (test.js:4:10)\n";
    insta::assert_snapshot!([shown(jest), shown(vitest), shown(mocha)].join("\n"), @"
    shape.jest test_failure 2-8 key 4 | cart › adds up | src/cart.test.js:10:15 | expected 3, received 2
    shape.jest test_failure 1-2 key 2 | src/cart.test.ts > cart > adds up | src/cart.test.ts:10:15 | AssertionError: expected 2 to be 3
    shape.mocha test_failure 4-8 key 7 | cart › adds up | Context.<anonymous> (test.js:4:10) | AssertionError: expected 2 to equal 3
    ");
}

#[test]
fn java() {
    let surefire = "[ERROR] Tests run: 1, Failures: 1 <<< FAILURE! - in com.acme.CartTest\n[ERROR] addsUp(com.acme.CartTest)  Time elapsed: 0.01 s  <<< FAILURE!\n\
                    java.lang.AssertionError: expected:<3> but was:<2>\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.acme.CartTest.addsUp(CartTest.java:12)\n";
    let gradle = "CartTest > addsUp() FAILED\n    org.opentest4j.AssertionFailedError: expected: <3> but was: <2>\n        at CartTest.java:12\n";
    insta::assert_snapshot!([shown(surefire), shown(gradle)].join("\n"), @r#"
    shape.surefire test_failure 2-3 key 3 | addsUp(com.acme.CartTest) | CartTest.java:12 | java.lang.AssertionError: expected:<3> but was:<2>
    shape.gradle test_failure 1-3 key 2 | CartTest > addsUp() | CartTest.java:12 | org.opentest4j.AssertionFailedError: expected: <3> but was: <2>
    "#);
}

#[test]
fn go() {
    let below = "=== RUN   TestSum\n--- FAIL: TestSum (0.00s)\n    sum_test.go:9: got 2, want 3\nFAIL\n";
    let above = "=== RUN   TestSum\n    sum_test.go:9: got 2, want 3\n--- FAIL: TestSum (0.00s)\nFAIL\n";
    insta::assert_snapshot!([shown(below), shown(above)].join("\n"), @r#"
    shape.go_test test_failure 2-3 key 3 | TestSum | sum_test.go:9 | got 2, want 3
    shape.go_test test_failure 2-3 key 2 | TestSum | sum_test.go:9 | got 2, want 3
    "#);
}

#[test]
fn compilers() {
    let log = "src/a.c:5:6: error: 'struct s' has no member named 'x'\n    5 | s.x\n      |  ^\n\
               Program.cs(3,5): error CS0103: The name 'x' does not exist [/src/a.csproj]\nsrc/a.ts(3,12): error TS2339: Property 'x' does not exist\n\
               pkg/a.py:52: error: Unexpected keyword argument \"x\"  [call-arg]\ncurl: (22) error: no\n";
    insta::assert_snapshot!(shown(log), @r#"
    shape.compiler compile_error 1-3 key 1 |  | src/a.c:5:6 | 'struct s' has no member named 'x'
    shape.compiler compile_error 4-4 key 4 | CS0103 | Program.cs(3,5) | The name 'x' does not exist [/src/a.csproj]
    shape.compiler type_check 5-5 key 5 | TS2339 | src/a.ts(3,12) | Property 'x' does not exist
    shape.compiler type_check 6-6 key 6 |  | pkg/a.py:52 | Unexpected keyword argument "x"  [call-arg]
    "#);
}
