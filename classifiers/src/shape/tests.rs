use super::*;

fn shown(log: &str) -> String {
    let mut lines = Lines::default();
    for (at, line) in log.lines().enumerate() {
        lines.push(at as u64 + 1, line.as_bytes());
    }
    let found = read(&lines, &[true; ALL.len()]);
    let one = |it: Structured| {
        let (first, last) = it.lines;
        let name = it.test.or(it.code).unwrap_or_default();
        format!(
            "{} {} {first}-{last} key {} | {name} | {} | {}",
            it.id,
            it.category,
            it.key,
            it.place.map(|place| place.to_string()).unwrap_or_default(),
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
    shape.cargo_test test_failure 7-12 key 10 | tests::rounds | src/lib.rs:31:9 | half up (left 1, right 2)
    ");
}

#[test]
fn pytest() {
    let log = "=========== FAILURES ===========\n______ TestCart.test_total[eur] ______\n\n    def test_total():\n\
               >       assert total() == 3\nE       assert 2 == 3\nE        +  where 2 = total()\n\ntests/test_cart.py:12: AssertionError\n\
               ===== short test summary info =====\nFAILED tests/test_cart.py::TestCart::test_total[eur] - assert 2 == 3\n";
    insta::assert_snapshot!(shown(log), @"shape.pytest test_failure 2-9 key 6 | TestCart.test_total[eur] | tests/test_cart.py:12 | assert 2 == 3");
}

#[test]
fn javascript() {
    let jest = "FAIL src/cart.test.js\n  ● cart › adds up\n\n    expect(received).toBe(expected)\n\n    Expected: 3\n    Received: 2\n\n\
                      10 |   expect(sum).toBe(3)\n      at Object.<anonymous> (src/cart.test.js:10:15)\n";
    let vitest = " FAIL  src/cart.test.ts > cart > adds up\nAssertionError: expected 2 to be 3\n ❯ src/cart.test.ts:10:15\n";
    let mocha = "  1 passing (3ms)\n  1 failing\n\n  1) cart\n       adds up:\n\n      AssertionError: expected 2 to equal 3\n      + expected - actual\n\n      at Context.<anonymous> (test.js:4:10)\n";
    insta::assert_snapshot!([shown(jest), shown(vitest), shown(mocha)].join("\n"), @"
    shape.jest test_failure 2-10 key 4 | cart › adds up | src/cart.test.js:10:15 | expected 3, received 2
    shape.vitest test_failure 1-3 key 2 | src/cart.test.ts > cart > adds up | src/cart.test.ts:10:15 | AssertionError: expected 2 to be 3
    shape.mocha test_failure 4-10 key 7 | cart › adds up | test.js:4:10 | AssertionError: expected 2 to equal 3
    ");
}

#[test]
fn java() {
    let surefire = "[ERROR] Tests run: 1, Failures: 1 <<< FAILURE! - in com.acme.CartTest\n[ERROR] addsUp(com.acme.CartTest)  Time elapsed: 0.01 s  <<< FAILURE!\n\
                    java.lang.AssertionError: expected:<3> but was:<2>\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat com.acme.CartTest.addsUp(CartTest.java:12)\n";
    let gradle = "CartTest > addsUp() FAILED\n    org.opentest4j.AssertionFailedError: expected: <3> but was: <2>\n        at CartTest.java:12\n";
    insta::assert_snapshot!([shown(surefire), shown(gradle)].join("\n"), @"
    shape.surefire test_failure 1-4 key 3 | addsUp(com.acme.CartTest) | CartTest.java:12 | java.lang.AssertionError: expected:<3> but was:<2>
    shape.gradle test_failure 1-3 key 2 | CartTest > addsUp() | CartTest.java:12 | org.opentest4j.AssertionFailedError: expected: <3> but was: <2>
    ");
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
    shape.cc compile_error 1-3 key 1 |  | src/a.c:5:6 | 'struct s' has no member named 'x'
    shape.csc compile_error 4-4 key 4 | CS0103 | Program.cs:3:5 | The name 'x' does not exist
    shape.tsc type_check 5-5 key 5 | TS2339 | src/a.ts:3:12 | Property 'x' does not exist
    shape.mypy type_check 6-6 key 6 | call-arg | pkg/a.py:52 | Unexpected keyword argument "x"
    "#);
}

#[test]
fn linters() {
    let log = "app.py:1:1: F401 'os' imported but unused\napp.py:2:0: C0114: Missing module docstring (missing-module-docstring)\n\
               a.go:3:5: Error return value is not checked (errcheck)\n./a.go:3:5: undefined: total\n\
               lib/a.rb:4:3: W: Lint/UselessAssignment: Useless assignment\nDockerfile:3 DL3008 warning: Pin versions\n\
               deploy.sh:3:6: note: Double quote to prevent globbing [SC2086]\nci.yml:3:1: [error] wrong indentation (indentation)\n\
               README.md:3:81 MD013/line-length Line length\nmain.go:12: listening on :80\n  src/a.py:3:5 - error: Type \"int\" (reportReturnType)\n\
               src/a.php:12:Undefined variable: $x\nIn run.sh line 7:\nrm $x\n   ^-- SC2086 (info): Double quote.\n";
    insta::assert_snapshot!(shown(log), @r#"
    shape.flake8 lint_format 1-1 key 1 | F401 | app.py:1:1 | 'os' imported but unused
    shape.pylint lint_format 2-2 key 2 | C0114 | app.py:2:0 | Missing module docstring
    shape.golangci_lint lint_format 3-3 key 3 | errcheck | a.go:3:5 | Error return value is not checked
    shape.go_build compile_error 4-4 key 4 |  | ./a.go:3:5 | undefined: total
    shape.rubocop lint_format 5-5 key 5 | Lint/UselessAssignment | lib/a.rb:4:3 | Useless assignment
    shape.hadolint lint_format 6-6 key 6 | DL3008 | Dockerfile:3 | warning: Pin versions
    shape.shellcheck lint_format 7-7 key 7 | SC2086 | deploy.sh:3:6 | Double quote to prevent globbing
    shape.yamllint lint_format 8-8 key 8 | indentation | ci.yml:3:1 | wrong indentation
    shape.markdownlint lint_format 9-9 key 9 | MD013/line-length | README.md:3:81 | Line length
    shape.pyright type_check 11-11 key 11 | reportReturnType | src/a.py:3:5 | Type "int"
    shape.phpstan lint_format 12-12 key 12 |  | src/a.php:12 | Undefined variable: $x
    shape.shellcheck lint_format 13-15 key 15 | SC2086 | run.sh:7 | Double quote.
    "#);
}

#[test]
fn findings_grouped_by_file() {
    let log = "/app/src/a.js\n  1:7   error    'a' is never used  no-unused-vars\n  2:2   warning  odd  eqeqeq\n\n\
               a.css\n  1:12  ✖  Expected \"#FFF\"  color-hex-length\n\nci.yml\n  3:1       error    wrong indentation  (indentation)\n\n\
               FILE: /app/a.php\n----\n 12 | ERROR | [x] Missing brace\n\n ------ ----\n  Line   src/B.php\n ------ ----\n  7      Undefined variable: $x\n ------ ----\n";
    insta::assert_snapshot!(shown(log), @r##"
    shape.eslint lint_format 1-2 key 2 | no-unused-vars | /app/src/a.js:1:7 | 'a' is never used
    shape.stylelint lint_format 5-6 key 6 | color-hex-length | a.css:1:12 | Expected "#FFF"
    shape.yamllint lint_format 8-9 key 9 | indentation | ci.yml:3:1 | wrong indentation
    shape.phpcs lint_format 13-13 key 13 |  | /app/a.php:12 | Missing brace
    shape.phpstan lint_format 18-18 key 18 |  | src/B.php:7 | Undefined variable: $x
    "##);
}

#[test]
fn jvm_and_apple_compilers() {
    let log = "[ERROR] /w/src/A.java:[7,17] package javax.mvc does not exist\nsrc/B.java:5: error: cannot find symbol\n    int x = y;\n            ^\n\
               e: file:///w/src/C.kt:5:3 Unresolved reference: total\n[error] /w/D.scala:5:3: not found: value total\n\
               /w/E.swift:3:5: error: cannot find 'total' in scope\n/w/ETests.swift:12: error: -[E.ETests testSum] : XCTAssertEqual failed: (\"1\") is not equal to (\"2\")\n\
               f.f90:5:3:\n\n    5 |   x = y\n      |   1\nError: Symbol 'y' at (1) has no IMPLICIT type\n";
    insta::assert_snapshot!(shown(log), @r#"
    shape.xctest test_failure 8-8 key 8 | E.ETests testSum | /w/ETests.swift:12 | XCTAssertEqual failed: ("1") is not equal to ("2")
    shape.javac compile_error 1-1 key 1 |  | /w/src/A.java:7:17 | package javax.mvc does not exist
    shape.javac compile_error 2-4 key 2 |  | src/B.java:5 | cannot find symbol
    shape.kotlinc compile_error 5-5 key 5 |  | /w/src/C.kt:5:3 | Unresolved reference: total
    shape.scalac compile_error 6-6 key 6 |  | /w/D.scala:5:3 | not found: value total
    shape.swiftc compile_error 7-7 key 7 |  | /w/E.swift:3:5 | cannot find 'total' in scope
    shape.gfortran compile_error 9-13 key 13 |  | f.f90:5:3 | Symbol 'y' at (1) has no IMPLICIT type
    "#);
}

#[test]
fn more_test_runners() {
    let logs = [
        "FAIL: test_sum (tests.TestCart)\n----------------------------------------------------------------------\nTraceback (most recent call last):\n  File \"tests.py\", line 9, in test_sum\n    self.assertEqual(1, 2)\nAssertionError: 1 != 2\n\n",
        "  1) Queue counts jobs\n     Failure/Error: expect(q.size).to eq(42)\n\n       expected: 42\n            got: 41\n\n     # ./spec/q_spec.rb:9:in `block'\n",
        "  1) Failure:\nCartTest#test_total [test/cart_test.rb:12]:\nExpected: 3\n  Actual: 2\n\n",
        "PHPUnit 11\n1) App\\CartTest::testTotal\nFailed asserting that 2 matches expected 3.\n\n/app/tests/CartTest.php:12\n",
        "[ RUN      ] Cart.Adds\ncart_test.cc:12: Failure\nExpected equality of these values:\n  sum\n    Which is: 2\n  3\n[  FAILED  ] Cart.Adds (0 ms)\n",
        "------------\nadds up\n------------\ncart.cpp:3\n.......\n\ncart.cpp:12: FAILED:\n  REQUIRE( sum == 3 )\nwith expansion:\n  2 == 3\n\n=====\n",
        "5/5 Test #5: codec ......***Failed    0.00 sec\nbyte 17 differs\n\n",
        "  Failed Shop.CartTests.Adds [12 ms]\n  Error Message:\n   Assert.Equal() Failure\n  Stack Trace:\n     at Shop.CartTests.Adds() in /src/CartTests.cs:line 12\n",
        "  1) test adds (CartTest)\n     test/cart_test.exs:6\n     Assertion with == failed\n     left:  1\n     right: 2\n",
        "not ok 2 - adds\n  ---\n  location: '/w/a.test.js:4:1'\n  failureType: 'testCodeFailure'\n  error: |-\n    1 !== 2\n  ...\nnot ok 3 - later # TODO not yet\n",
        "  1) [chromium] › e2e/a.spec.ts:12:5 › pays ────\n\n    Error: no toast\n\n      11 | x\n    > 12 | y\n        at /w/e2e/a.spec.ts:12:9\n",
        "        FAIL [   0.356s] shop cart::adds\n    thread 'cart::adds' (7) panicked at src/cart.rs:31:9:\n    half up\n\n",
        "JUnit Jupiter:CartTest:adds()\n    MethodSource [className = 'CartTest']\n    => org.opentest4j.AssertionFailedError: expected: <5> but was: <4>\n",
        "│ Error: Unsupported argument\n│ \n│   on main.tf line 3, in resource \"a\" \"b\":\n│    3:   colour = \"red\"\n╵\n",
        "::error file=app.py,line=3,col=5,title=Style::Line too long\n",
    ];
    insta::assert_snapshot!(logs.map(shown).join("\n"), @r"
    shape.unittest test_failure 1-6 key 6 | test_sum (tests.TestCart) | tests.py:9 | AssertionError: 1 != 2
    shape.rspec test_failure 1-7 key 4 | Queue counts jobs | ./spec/q_spec.rb:9 | expected: 42, got: 41
    shape.minitest test_failure 1-4 key 3 | CartTest#test_total | test/cart_test.rb:12 | Expected: 3, Actual: 2
    shape.phpunit test_failure 2-5 key 3 | App\CartTest::testTotal | /app/tests/CartTest.php:12 | Failed asserting that 2 matches expected 3.
    shape.gtest test_failure 2-6 key 3 | Cart.Adds | cart_test.cc:12 | Expected equality of these values:
    shape.catch2 test_failure 7-10 key 10 | adds up | cart.cpp:12 | 2 == 3
    shape.ctest test_failure 1-2 key 1 | codec |  | Failed    0.00 sec
    shape.dotnet_test test_failure 1-3 key 3 | Shop.CartTests.Adds | /src/CartTests.cs:12 | Assert.Equal() Failure
    shape.exunit test_failure 1-5 key 3 | adds | test/cart_test.exs:6 | Assertion with == failed
    shape.tap test_failure 1-6 key 6 | adds | /w/a.test.js:4:1 | 1 !== 2
    shape.playwright test_failure 1-7 key 3 | [chromium] › e2e/a.spec.ts:12:5 › pays | e2e/a.spec.ts:12:5 | Error: no toast
    shape.nextest test_failure 2-3 key 3 | shop cart::adds | src/cart.rs:31:9 | half up
    shape.junit test_failure 1-3 key 3 | adds() |  | org.opentest4j.AssertionFailedError: expected: <5> but was: <4>
    shape.terraform terraform_iac 1-4 key 1 |  | main.tf:3 | Unsupported argument
    shape.annotation unknown 1-1 key 1 | Style | app.py:3:5 | Line too long
    ");
}

mod any_text {
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = String> {
        let words = [
            "error: ",
            "a.py:3:5: E501 x",
            "--- FAIL: T",
            "    a_test.go:3: no",
            "● a › b",
            " FAIL  a > b > c",
            "  1) a",
            ":",
            "  1 failing",
            "____ a ____",
            "E   x",
            "= FAILURES =",
            "FAILED a.py::b - c",
            "<<< FAILURE!",
            "not ok 1 - a",
            "---",
            "error: |-",
            "│ Error: a",
            "  on a.tf line 3, in",
            "thread 'a' panicked at a.rs:1:2:",
            "---- a stdout ----",
            "In a line 3:",
            "^-- SC1 (a): b",
            "a: FAILED:",
            "a.cc:1: Failure",
            "[ RUN      ] a",
            "Error Message:",
            "Failure/Error: x",
            "(é[,:",
            "日本.py:1",
            "FAIL [ 1s] a b",
            "  Line   a.php",
        ];
        prop_oneof![4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,30}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn is_read_without_a_fault_and_within_bounds(pieces in prop::collection::vec((piece(), any::<bool>()), 0..60)) {
            let log: String = pieces.iter().map(|(piece, ends)| if *ends { format!("{piece}\n") } else { piece.clone() }).collect();
            let mut lines = Lines::default();
            for (at, line) in log.lines().enumerate() {
                lines.push(at as u64 + 1, line.as_bytes());
            }
            for found in read(&lines, &[true; ALL.len()]) {
                let (first, last) = found.lines;
                prop_assert!(1 <= first && first <= found.key && found.key <= last && last <= lines.newest(), "{found:?}");
            }
        }
    }
}
