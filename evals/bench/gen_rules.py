#!/usr/bin/env python3
"""Writes rules-100.txt, rules-300.txt, rules-1000.txt and rules-5000.txt (nested: each is a superset of the smaller).
One regex a line; syntax accepted alike by Rust regex, Python re and Hyperscan/PCRE.  For benchmarks only."""
import sys, re, random
out = sys.argv[1] if len(sys.argv) > 1 else "."

core = r'''
error\[E\d{4}\]: .+
^error: could not compile `[\w-]+`
^error: aborting due to (?:\d+ )?previous errors?
thread '[^']+' (?:\(\d+\) )?panicked at 
^test .+ \.\.\. FAILED$
test result: FAILED\. \d+ passed; [1-9]\d* failed
error: failed to select a version for (?:the requirement )?`[^`]+`
error: failed to (?:download|fetch) .*crates\.example
error: linking with `[^`]+` failed: exit (?:status|code): \d+
undefined reference to [`'][^']+'
[\w./-]+\.(?:c|cc|cpp|cxx|h|hpp):\d+:\d+: (?:fatal )?error: .+
collect2: error: ld returned \d+ exit status
ld: cannot find -l\w+
^make(?:\[\d+\])?: \*\*\* \[.+\] Error \d+
ninja: build stopped: subcommand failed
^CMake Error at .+:\d+
c\+\+: fatal error: Killed signal terminated program cc1plus
internal compiler error: .+
error C\d{4}: .+
fatal error LNK\d{4}: 
^E\s+(?:\w+\.)*\w+(?:Error|Exception)\b
^FAILED \S+::\S+
={3,} .*[1-9]\d* failed.* in [\d.]+s
^ERROR collecting \S+\.py
ModuleNotFoundError: No module named '[^']+'
ImportError: cannot import name '\w+' from
^Traceback \(most recent call last\):
SyntaxError: (?:invalid syntax|unexpected EOF|unterminated)
ERROR: Could not find a version that satisfies the requirement \S+
ERROR: No matching distribution found for \S+
ERROR: Failed building wheel for \S+
error: subprocess-exited-with-error
npm (?:ERR!|error) code E[A-Z]+
npm (?:ERR!|error) 4\d\d (?:Not Found|Forbidden|Unauthorized)
npm (?:ERR!|error) peer dep missing: 
npm (?:ERR!|error) Lifecycle script `[^`]+` failed
error TS\d{4}: .+
Module not found: Error: Can't resolve '[^']+'
FATAL ERROR: .*JavaScript heap out of memory
^\s+[1-9]\d* (?:failing|failed)$
Tests:\s+[1-9]\d* failed, .*\d+ total
[1-9]\d* problems? \([1-9]\d* errors?, \d+ warnings?\)
error Command failed with exit code \d+\.
YN\d{4}: .*(?:failed|couldn't)
\[ERROR\] COMPILATION ERROR
\[ERROR\] Failed to execute goal \S+
\[ERROR\] \S+\.java:\[\d+,\d+\] .+
\[ERROR\] Tests run: \d+, Failures: \d+, Errors: \d+
BUILD FAILURE$
Could not resolve dependencies for project \S+
Could not transfer artifact \S+ from/to
There are test failures\.
FAILURE: Build failed with an exception
Execution failed for task ':[^']+'
Could not resolve all (?:files|dependencies|artifacts) for configuration
> Task :\S+ FAILED
java\.lang\.OutOfMemoryError: (?:Java heap space|Metaspace|GC overhead)
Exception in thread "[^"]+" \S+
^Caused by: [\w.$]+(?:Exception|Error)
^--- FAIL: \S+ \([\d.]+s\)
^FAIL\s+\S+\s+(?:[\d.]+s|\[build failed\])
^panic: .+
\S+\.go:\d+:\d+: undefined: \w+
go: .*: (?:unknown revision|reading .*: 404|verifying module)
WARNING: DATA RACE
fatal error: all goroutines are asleep - deadlock!
ERROR: failed to solve: .+
Error response from daemon: .+
manifest for \S+ not found: manifest unknown
toomanyrequests: You have reached your pull rate limit
no space left on device
Cannot connect to the Docker daemon at 
executor failed running \[.+\]: exit code: \d+
Back-off (?:restarting failed container|pulling image)
\bCrashLoopBackOff\b
\b(?:ImagePullBackOff|ErrImagePull)\b
\bOOMKilled\b
0/\d+ nodes are available: .+
Error from server \((?:NotFound|Forbidden|AlreadyExists|Conflict|Invalid)\)
error: timed out waiting for the condition
Liveness probe failed: .+
Readiness probe failed: .+
Error: (?:INSTALLATION|UPGRADE) FAILED: 
│ Error: .+
Error acquiring the state lock
Error: Failed to (?:load|get existing|install) (?:plugin|workspaces|provider)
fatal: unable to access '[^']+': 
fatal: (?:couldn't find remote ref|reference is not a tree|not a git repository)
CONFLICT \((?:content|modify/delete|rename/delete|add/add)\): 
error: failed to push some refs to 
remote: (?:Permission to|Repository not found|Invalid username)
Permission denied \(publickey
[Cc]onnection (?:refused|reset by peer|timed out)
(?:Temporary failure in name resolution|Could not resolve host: \S+)
(?i)certificate (?:has expired|verify failed|signed by unknown authority)
(?:502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)
(?i)\bsegmentation fault\b.*core dumped
##\[error\].+
The (?:runner|hosted runner) has received a shutdown signal
Process completed with exit code [1-9]\d*
(?i)the job (?:running on runner .* )?(?:has )?exceeded the maximum execution time
'''.strip('\n').split('\n')


more = r'''
error: linker `[^`]+` not found
error: could not find `[\w-]+` in registry
error: package `[^`]+` cannot be built because it requires rustc
error: no matching package named `[^`]+` found
error: the lock file .+ needs to be updated but --locked was passed
error: failed to run custom build command for `[^`]+`
^failures:$
process didn't exit successfully: `[^`]+` \((?:exit status|signal): \d+
memory allocation of \d+ bytes failed
attempt to (?:add|subtract|multiply) with overflow
called `(?:Option|Result)::unwrap\(\)` on an? `(?:None|Err)` value
assertion `?(?:left == right|left != right|failed)`?
warning: unused .+ = note: `-D warnings`
error: unresolved (?:import|name|link)
Diff in \S+ (?:at line )?:?\d+
SUMMARY: (?:Address|Thread|Memory|UndefinedBehavior)Sanitizer: 
==\d+==ERROR: \w+Sanitizer: 
runtime error: (?:signed integer overflow|null pointer|shift exponent)
ERROR: LeakSanitizer: detected memory leaks
multiple definition of `[^']+'
relocation R_X86_64_\w+ against 
No rule to make target [`'][^']+'
configure: error: .+
Could NOT find \w+ \(missing: 
Package '?[\w.+-]+'?,? (?:required by|was not found in the pkg-config)
error: expected .+ (?:before|after) .+ token
error: use of undeclared identifier '\w+'
error: no (?:matching function|member named|type named)
static assertion failed
error: '\w+' was not declared in this scope
The following tests FAILED:
[1-9]\d*% tests passed, [1-9]\d* tests failed out of \d+
\*\*\*(?:Failed|Timeout|Exception: \w+)\s+[\d.]+ sec
\[  FAILED  \] \w+\.\w+
^\s*FAILED:? .+\.o$
meson\.build:\d+:\d+: ERROR: 
ERROR: \S+ not found: (?:does not exist|file not found)
ERROR: Analysis of target '[^']+' failed
FAILED: Build did NOT complete successfully
//\S+\s+FAILED in (?:\d+ out of \d+ in )?[\d.]+s
TIMEOUT in [\d.]+s
AssertionError: .+
TypeError: .+ (?:got an unexpected|missing \d+ required|object is not)
AttributeError: (?:module|'\w+' object|type object)
KeyError: ['"].+['"]
ValueError: .+
FileNotFoundError: \[Errno 2\]
PermissionError: \[Errno 13\]
RecursionError: maximum recursion depth exceeded
UnicodeDecodeError: '\S+' codec can't decode
requests\.exceptions\.\w+: 
urllib3\.exceptions\.\w+: 
sqlalchemy\.exc\.\w+Error: 
psycopg2?\.\w*Error: 
django\.(?:db|core)\.\S+(?:Error|Exception|Configured): 
E\s+assert .+
fixture '\w+' not found
Interrupted: \d+ errors? during collection
INTERNALERROR> 
Required test coverage of \d+(?:\.\d+)?% not reached
would reformat \S+\.py
Found [1-9]\d* errors? in \d+ files?
\S+\.py:\d+: error: .+\[[\w-]+\]
\S+\.py:\d+:\d+: [EFWC]\d{3,4} .+
Your code has been rated at \d\.
poetry\.lock is not up to date with pyproject\.toml
SolverProblemError
ResolutionImpossible: 
THESE PACKAGES DO NOT MATCH THE HASHES
No module named pip
Could not install packages due to an? \w+
ERROR: Cannot install .+ because these package versions have conflicting
tox: .*\bFAIL code \d+
nox > Session \S+ failed
npm (?:ERR!|error) missing script: \S+
npm (?:ERR!|error) notarget No matching version found for
npm (?:ERR!|error) network (?:request|timeout|aborted)
npm (?:ERR!|error) EINTEGRITY 
npm (?:ERR!|error) ERESOLVE (?:unable to resolve|could not resolve)
`npm ci` can only install packages when your package\.json
ERR_PNPM_\w+
ELIFECYCLE .*(?:Command failed|failed with exit code)
error An unexpected error occurred: 
Your lockfile needs to be updated, but yarn was run with
SyntaxError: Unexpected (?:token|identifier|end of)
ReferenceError: \w+ is not defined
TypeError: Cannot read propert(?:y|ies) .*of (?:undefined|null)
UnhandledPromiseRejection
Error: Cannot find module '[^']+'
ENOENT: no such file or directory, \w+
EACCES: permission denied, \w+
EADDRINUSE: address already in use
ENOSPC: System limit for number of file watchers reached
ECONNRESET|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN
error:0308010C:digital envelope routines::unsupported
The engine "node" is incompatible with this module
webpack \S+ compiled with [1-9]\d* errors?
Failed to compile\.
\[vite\]: Rollup failed to resolve import
\[!\] \(plugin \S+\) .+
✕ .+ \(\d+ ms\)
● .+ › .+
Test Suites:\s+[1-9]\d* failed
Jest did not exit one second after the test run has completed
Timeout - Async callback was not invoked within
Exceeded timeout of \d+ ms for a (?:test|hook)
CypressError: .+
locator\..+: Timeout \d+ms exceeded
browserType\.launch: Executable doesn't exist
Failed to launch the browser process
HeadlessChrome.+(?:FAILED|ERROR|DISCONNECTED)
Snapshot .+ mismatched|› [1-9]\d* snapshots? (?:failed|obsolete)
cannot find symbol$
error: incompatible types: 
package [\w.]+ does not exist
error: class \w+ is public, should be declared in a file named
The forked VM terminated without (?:saying properly )?goodbye
Non-resolvable (?:parent POM|import POM)
\[ERROR\] .*PluginResolutionException
Failed to collect dependencies at 
was not found in https?://\S+ during a previous attempt
Return code is: \d+, ReasonPhrase: 
checkstyle.*\[ERROR\]|You have [1-9]\d* Checkstyle violations
SpotBugs ended with exit code [1-9]
error: release version \d+ not supported
Unsupported class file major version \d+
java\.lang\.(?:NoClassDefFoundError|ClassNotFoundException|NoSuchMethodError): 
java\.lang\.NullPointerException
java\.lang\.StackOverflowError
java\.net\.(?:ConnectException|SocketTimeoutException|UnknownHostException)
org\.opentest4j\.AssertionFailedError
org\.junit\.\S+(?:Error|Exception)
org\.springframework\.\S+Exception
org\.testcontainers\.\S+Exception
Could not find or load main class \S+
Gradle build daemon disappeared unexpectedly
Could not create an instance of type 
Plugin \[id: '[^']+'.*\] was not found
Could not determine the dependencies of task
A problem occurred (?:configuring|evaluating) (?:root )?project
e: \S+\.kts?: .+
scala: .+ error|\[error\] .+\.scala:\d+
error: not found: (?:value|type) \w+
MSB\d{4}: .+
error CS\d{4}: .+
error NU\d{4}: .+
error NETSDK\d{4}: .+
Failed!\s+- Failed:\s+[1-9]\d*
Unable to find package \S+\. No packages exist
cannot find package "[^"]+" in any of
build constraints exclude all Go files in
missing go\.sum entry for module
go: updates to go\.(?:mod|sum) needed
imported and not used: |declared (?:and|but) not used
cannot use .+ \(.+\) as .+ in (?:argument|assignment|return)
panic: test timed out after \S+
runtime error: (?:index out of range|invalid memory address|slice bounds)
golangci-lint.*\b(?:errcheck|staticcheck|govet)\b
signal: (?:killed|segmentation fault|aborted)
bundler: failed to load command: 
Could not find \S+ in (?:any of the sources|locally installed gems)
Gem::\w+Error
NoMethodError: undefined method `\w+' for
rspec \./\S+:\d+ #
\d+ examples?, [1-9]\d* failures?
rake aborted!
PHP (?:Fatal|Parse) error: 
Your requirements could not be resolved to an installable set of packages
There (?:was|were) [1-9]\d* (?:failure|error)s?:
Allowed memory size of \d+ bytes exhausted
mix: .*\*\* \(\w+Error\)|\*\* \(Mix\) 
error: Build input file cannot be found: 
xcodebuild: error: |The following build commands failed:
No profiles for '[^']+' were found
Code ?[Ss]ign(?:ing)? .*(?:failed|error)
CocoaPods could not find compatible versions
Command PhaseScriptExecution failed
failed to (?:pull|push) image .+
failed to compute cache key: .+ not found
pull access denied for \S+
unauthorized: (?:authentication required|incorrect username)
denied: requested access to the resource is denied
COPY failed: (?:file not found|stat)
The command '.+' returned a non-zero code: \d+
net/http: TLS handshake timeout
dial tcp .+: (?:i/o timeout|connect: connection refused|lookup .+ no such host)
x509: certificate .+
context deadline exceeded
failed to create shim task: OCI runtime create failed
exec format error
exec .+: no such file or directory
container \S+ (?:is unhealthy|exited \([1-9]\d*\))
dependency failed to start: container
port is already allocated
MountVolume\.\w+ failed for volume
FailedScheduling .+
FailedMount .+
Failed to pull image "[^"]+"
'''.strip('\n').split('\n')
EXT = r'''
exceeded quota: \S+, requested: 
admission webhook "[^"]+" denied the request
deployment "[^"]+" exceeded its progress deadline
error validating data: 
unable to recognize "[^"]+": 
no matches for kind "\w+" in version
Evicted|The node was low on resource: 
pods? "[^"]+" (?:not found|is forbidden)
helm .*: .*another operation \(install/upgrade/rollback\) is in progress
Error: (?:failed to download|chart .+ not found|rendered manifests contain)
Error: Unsupported (?:argument|attribute|block type)
Error: Invalid (?:reference|provider configuration|value for variable)
Error: Reference to undeclared (?:resource|input variable|module)
Error: Inconsistent dependency lock file
Error: creating .+: .+(?:AlreadyExists|LimitExceeded|AccessDenied)
Error: No valid credential sources found
UnauthorizedOperation: You are not authorized
AccessDenied(?:Exception)?: .+
ExpiredToken(?:Exception)?: 
ThrottlingException: Rate exceeded
InvalidClientTokenId
fatal error: An error occurred \(\d+\) when calling the \w+ operation
An error occurred \(\w+\) when calling the \w+ operation
Unable to locate credentials
googleapi: Error \d{3}: 
ERROR: \(gcloud\.[\w.-]+\) 
AADSTS\d+: 
ansible.*fatal: \[.+\]: (?:FAILED|UNREACHABLE)!
PLAY RECAP.+failed=[1-9]
fatal: \[[\w.-]+\]: (?:FAILED|UNREACHABLE)! =>
fatal: Authentication failed for 
fatal: Could not read from remote repository
fatal: refusing to merge unrelated histories
fatal: (?:early EOF|index-pack failed|the remote end hung up unexpectedly)
error: RPC failed; (?:curl|HTTP) \d+
error: pathspec '[^']+' did not match any
error: Your local changes to the following files would be overwritten
Automatic merge failed; fix conflicts
Submodule '.+' .*(?:failed|could not be updated)
LFS: .+ (?:Rate limit|not found|does not exist)
batch response: .+
Host key verification failed
ssh: connect to host \S+ port \d+: 
kex_exchange_identification: 
curl: \(\d+\) .+
wget: unable to resolve host address
E: (?:Unable to (?:locate package|fetch some archives|acquire the dpkg)|Failed to fetch|Package .+ has no installation candidate)
dpkg: error processing (?:package|archive) \S+
The following packages have unmet dependencies
Hash Sum mismatch
NO_PUBKEY [0-9A-F]+
yum: .*No package \S+ available|Error: Unable to find a match
ERROR: unable to select packages:
Error: No (?:available formula|such keg)
/bin/(?:ba)?sh: .+: (?:not found|No such file|Permission denied)
\S+: line \d+: \S+: command not found
No such file or directory$
Read-only file system
Too many open files
Cannot allocate memory
Out of memory: Kill(?:ed)? process
Killed$
Bus error \(core dumped\)
Aborted \(core dumped\)
Illegal instruction
double free or corruption
stack smashing detected
terminate called after throwing an instance of '[^']+'
Assertion `.+' failed\.
\*\*\* buffer overflow detected \*\*\*
GLIBC(?:XX)?_[\d.]+' not found
error while loading shared libraries: \S+
cannot open shared object file
SSL_ERROR_SYSCALL|SSL: CERTIFICATE_VERIFY_FAILED
certificate is not trusted|self[- ]signed certificate in certificate chain
remote error: tls: .+
(?i)rate limit (?:exceeded|reached)
HTTP (?:Error )?(?:429|403|401)[: ]
429 Too Many Requests
ERROR 1\d{3} \(\w{5}\): .+
FATAL:  (?:database|role|password authentication) .+
ORA-\d{5}: 
could not connect to server: Connection refused
deadlock detected
duplicate key value violates unique constraint
relation "\w+" does not exist
Migration .+ failed
redis\.exceptions\.\w+|MISCONF Redis is configured
MongoServerSelectionError|MongoNetworkError
Broker: .+|KafkaTimeoutError
ERROR: Job failed(?: \(system failure\))?: 
ERROR: Job failed: exit (?:code|status) \d+
Uploading artifacts .* (?:FATAL|ERROR): 
No files to upload|no matching files
Cache not found for input keys: 
Unable to download artifact\(s\)
Could not find any workflow run artifacts
Error: Input required and not supplied: \w+
Unrecognized named-value: '\w+'
Resource not accessible by integration
No runner (?:matching|found)|waiting for a runner to pick up this job
The operation was canceled\.
Agent .+ (?:went offline|is offline|lost connection)
hudson\.\S+Exception
org\.jenkinsci\.\S+Exception
Build step '.+' (?:marked build as failure|changed build result to FAILURE)
ERROR: script returned exit code \d+
java\.io\.IOException: .*(?:Backing channel|Broken pipe|No space left)
Timeout has been exceeded|Build timed out \(after \d+ minutes\)
Finished: (?:FAILURE|ABORTED)
Exited with code exit status \d+
Too long with no output \(exceeded \S+\)
The job exceeded the maximum log length
No output has been received in the last \d+m
The command "[^"]+" (?:exited with|failed and exited with) \d+
'''.strip('\n').split('\n')
hand = core + more + EXT
seen, uniq = set(), []
for r in hand:
    if r not in seen:
        seen.add(r); uniq.append(r)
hand = uniq

gen = []
def add(r):
    if r not in seen:
        seen.add(r); gen.append(r)
# families of rule a big installation accumulates: one rule for each known class/code/component
for pkg, names in {
 r'java\.lang': 'IllegalStateException IllegalArgumentException UnsupportedOperationException ClassCastException ArrayIndexOutOfBoundsException NumberFormatException InterruptedException SecurityException ExceptionInInitializerError UnsatisfiedLinkError VerifyError AbstractMethodError IncompatibleClassChangeError'.split(),
 r'java\.io': 'FileNotFoundException EOFException UncheckedIOException NotSerializableException InvalidClassException'.split(),
 r'java\.util\.concurrent': 'TimeoutException ExecutionException RejectedExecutionException CompletionException CancellationException'.split(),
 r'java\.sql': 'SQLException SQLTransientConnectionException SQLSyntaxErrorException BatchUpdateException SQLIntegrityConstraintViolationException'.split(),
 r'javax\.net\.ssl': 'SSLHandshakeException SSLPeerUnverifiedException SSLProtocolException'.split(),
 r'org\.hibernate': 'LazyInitializationException MappingException HibernateException'.split(),
 r'com\.fasterxml\.jackson\.\w+': 'JsonMappingException JsonParseException InvalidDefinitionException UnrecognizedPropertyException'.split(),
 r'io\.netty\.\S+': 'ReadTimeoutException ConnectTimeoutException DecoderException'.split(),
 r'org\.apache\.kafka\.\S+': 'DisconnectException NotLeaderOrFollowerException RecordTooLargeException'.split(),
 r'org\.apache\.maven\.\S+': 'MojoExecutionException MojoFailureException LifecycleExecutionException ProjectBuildingException'.split(),
 r'org\.gradle\.\S+': 'GradleException InvalidUserDataException TaskExecutionException'.split(),
}.items():
    for n in names: add(rf'{pkg}\.{n}: .+')
for n in 'ZeroDivisionError IndexError NameError UnboundLocalError OSError RuntimeError NotImplementedError StopIteration OverflowError MemoryError BrokenPipeError ConnectionAbortedError IsADirectoryError NotADirectoryError TimeoutError EOFError LookupError BlockingIOError ChildProcessError SystemError UnicodeEncodeError TabError IndentationError JSONDecodeError BadZipFile'.split():
    add(rf'(?:^|\s){n}: .+')
for m in 'numpy pandas torch tensorflow scipy sklearn boto3 botocore grpc google celery redis flask fastapi pydantic jinja2 yaml attrs cryptography lxml'.split():
    add(rf'(?:ModuleNotFoundError|ImportError): .*\b{m}\b')
    add(rf'{m}\.\S*(?:Error|Exception|Failure): ')
for c in '0004 0023 0026 0027 0040 0046 0053 0061 0063 0072 0106 0107 0117 0119 0133 0200 0201 0204 0252 0255 0261 0263 0267 0271 0275 0277 0282 0283 0308 0309 0310 0364 0369 0373 0381 0382 0383 0384 0392 0403 0404 0405 0407 0412 0423 0425 0428 0432 0433 0434 0435 0446 0449 0451 0463 0495 0499 0502 0503 0505 0506 0507 0515 0521 0560 0583 0593 0596 0597 0599 0600 0603 0605 0614 0616 0618 0621 0635 0658 0689 0700 0716 0728 0744 0746 0764'.split():
    add(rf'error\[E{c}\]: .+')
for c in '1005 1109 1128 1192 1259 2304 2305 2307 2314 2322 2324 2339 2344 2345 2349 2352 2355 2365 2367 2416 2430 2440 2445 2451 2488 2531 2532 2540 2551 2552 2554 2555 2556 2564 2571 2582 2589 2604 2612 2636 2686 2694 2739 2740 2741 2769 2786 4023 4104 5023 6059 6133 6138 6192 6196 6305 6307 7006 7016 7030 7031 7053 18003 18046 18047 18048'.split():
    add(rf'\.tsx?[(:]\d+[,:]\d+\)?(?::| -) error TS{c}: ')
for c in 'EACCES EPERM EEXIST ENOTFOUND E401 E403 E404 E409 E500 E503 EBADENGINE EBADPLATFORM EJSONPARSE ENOLOCK ENOTEMPTY EPUBLISHCONFLICT ETARGET EUSAGE EMISSINGARG ECONNABORTED EPROTO ERR_SOCKET_TIMEOUT UNABLE_TO_VERIFY_LEAF_SIGNATURE SELF_SIGNED_CERT_IN_CHAIN CERT_HAS_EXPIRED'.split():
    add(rf'npm (?:ERR!|error) (?:code )?{c}\b')
for c in 'CS0103 CS0117 CS0234 CS0246 CS0266 CS0419 CS0535 CS1002 CS1061 CS1501 CS1503 CS1591 CS1705 CS2001 CS8600 CS8602 CS8618 NU1101 NU1102 NU1103 NU1107 NU1202 NU1301 NU1605 NU1903 MSB1009 MSB3073 MSB3202 MSB3270 MSB3644 MSB4018 MSB4019 MSB4236 MSB6006 NETSDK1004 NETSDK1045 NETSDK1064 NETSDK1141'.split():
    add(rf'(?:\(\d+,\d+\)|\S+proj) ?: error {c}: ')
for c in 'C1083 C2039 C2061 C2065 C2084 C2143 C2146 C2259 C2280 C2374 C2440 C2664 C2672 C2679 C2838 C3861 C4996 LNK1104 LNK1120 LNK1181 LNK2001 LNK2005 LNK2019 LNK2038'.split():
    add(rf'\(\d+(?:,\d+)?\): (?:fatal )?error {c}: |: (?:fatal )?error {c}: ')
for m in ['redefinition of', 'conflicting types for', 'too few arguments to function', 'too many arguments to function', 'invalid conversion from', 'cannot convert', 'no match for', 'ambiguous overload for', 'request for member', 'expected unqualified-id', 'expected primary-expression', 'unknown type name', 'incomplete type', 'passing argument', 'lvalue required as', 'control reaches end of', 'unused variable', 'comparison of integer expressions', 'implicit declaration of function', 'format .* expects argument', 'dereferencing pointer to incomplete type', 'undefined symbol', 'call to deleted', 'no viable conversion', 'constexpr variable', 'non-void function does not return']:
    add(rf'\S+:\d+:\d+: (?:fatal )?error: .*{m}')
for m in ['libssl', 'libcrypto', 'libpq', 'libz', 'libstdc\\+\\+', 'libgcc_s', 'libGL', 'libnss3', 'libX11', 'libffi', 'libxml2', 'libcurl', 'libicu\\w*', 'libatomic', 'libgomp']:
    add(rf'(?:error while loading shared libraries|cannot (?:find|open)).*{m}')
for r in 'FailedCreate FailedKillPod FailedAttachVolume FailedBinding FailedPostStartHook FailedPreStopHook FailedSync FailedValidation FailedDaemonPod FailedGetScale FailedComputeMetricsReplicas FailedCreatePodSandBox InvalidDiskCapacity ImageGCFailed ContainerGCFailed NodeNotReady NodeNotSchedulable NetworkNotReady CreateContainerConfigError CreateContainerError RunContainerError InvalidImageName ImageInspectError ErrImageNeverPull RegistryUnavailable DeadlineExceeded BackoffLimitExceeded ProvisioningFailed VolumeResizeFailed Preempted DNSConfigForming'.split():
    add(rf'\b{r}\b.+')
for s in 'ec2 s3 iam sts ecr ecs eks rds lambda dynamodb sqs sns kms cloudformation route53 cloudfront elasticache secretsmanager ssm autoscaling'.split():
    add(rf'(?i)\b{s}\b.*(?:AccessDenied|ServiceUnavailable|InternalFailure|LimitExceeded|ResourceNotFound)')
for r in 'aws_instance aws_s3_bucket aws_iam_role aws_vpc aws_subnet aws_security_group aws_eks_cluster aws_db_instance google_compute_instance google_container_cluster azurerm_virtual_machine azurerm_kubernetes_cluster kubernetes_namespace kubernetes_deployment helm_release'.split():
    add(rf'Error: .*\b{r}\.\S+')
for h in r'github\.com gitlab\.com registry\.npm\.example pypi\.example crates\.example repo\.maven\.apache\.org repo1\.maven\.org plugins\.gradle\.org proxy\.golang\.org registry-1\.docker\.io quay\.io gcr\.io ghcr\.io rubygems\.org packagist\.org nuget\.org deb\.debian\.example archive\.ubuntu\.com dl-cdn\.alpinelinux\.org storage\.googleapis\.com'.split():
    add(rf'(?:timed? ?out|Timeout|refused|reset|unreachable|[Cc]ould not resolve).*{h}')
    add(rf'{h}\S*:? .*(?:timed out|50[0234]|connection refused|EOF occurred)')
for t in 'eslint prettier stylelint tsc jest mocha vitest webpack rollup esbuild vite next nuxt gatsby storybook cypress playwright karma lerna nx turbo babel'.split():
    add(rf"(?:^|[\s/]){t}(?:\.js)?: (?:command )?not found")
    add(rf'\b{t}\b.*(?:exited with code|failed with exit code|returned) [1-9]\d*')
for t in 'compileJava compileKotlin compileTestJava test integrationTest checkstyleMain spotbugsMain ktlintCheck spotlessCheck javadoc jar bootJar assembleRelease lint detekt dependencyCheckAnalyze jacocoTestCoverageVerification publish signMavenJavaPublication processResources'.split():
    add(rf"Execution failed for task ':(?:[\w-]+:)*{t}'")
for p in 'compiler surefire failsafe javadoc enforcer checkstyle jar war shade assembly deploy install resources site dependency gpg release source clean plugin'.split():
    add(rf'Failed to execute goal \S*maven-{p}-plugin:\S+')
for n in 'SIGSEGV SIGABRT SIGKILL SIGBUS SIGILL SIGFPE SIGTERM SIGTRAP SIGPIPE SIGSYS'.split():
    add(rf'(?:signal|Signal|received|killed by).*\b{n}\b')
for n in 'heap-buffer-overflow stack-buffer-overflow global-buffer-overflow heap-use-after-free stack-use-after-return stack-use-after-scope double-free alloc-dealloc-mismatch memcpy-param-overlap unknown-crash'.split():
    add(rf'AddressSanitizer: {n} on address 0x[0-9a-f]+')
for svc in 'postgres mysql mariadb redis mongodb elasticsearch rabbitmq kafka zookeeper vault consul etcd minio nginx traefik envoy istio prometheus grafana keycloak'.split():
    add(rf"(?i)waiting for {svc}.*(?:timed out|gave up|giving up)")
    add(rf"(?i)\b{svc}(?:-\d+)?\b.*(?:exited with code|is unhealthy|failed to start)")
for a in 'checkout setup-node setup-python setup-java setup-go cache upload-artifact download-artifact docker-login build-push-action configure-aws-credentials'.split():
    add(rf'##\[error\].*\b{a}\b.*')
    add(rf"Unable to resolve action `?\S*{a}\S*`?, unable to find version")
for n in 'COPY ADD RUN FROM WORKDIR ENTRYPOINT'.split():
    add(rf'ERROR \[.*\d+/\d+\] {n} .+')
for i, team in enumerate('billing checkout search identity ledger catalog gateway notifier scheduler ingest reporting pricing inventory fulfilment messaging media'.split()):
    add(rf'{team}-service: (?:FATAL|CRITICAL) .+')
    add(rf'contract test failed: {team} -> \w+')
    add(rf'smoke test .*{team}.* (?:failed|FAILED) after \d+ attempts')
    add(rf'{team}_test\.go:\d+: .+')
print(len(hand), 'hand', len(gen), 'generated', file=sys.stderr)
random.Random(7).shuffle(gen)
allr = hand + gen
# compile the whole set with the strictest common engine available here
for r in allr: re.compile(r)

# What a big organisation adds over the years: one rule for each code of each component.
services = 'billing checkout search identity ledger catalog gateway notifier scheduler ingest reporting pricing inventory fulfilment messaging media'.split()
kinds = 'Validation Quota Timeout Schema Lease Shard Replica Token Audit Tenant Invoice Export Webhook Session Cursor Digest Manifest Snapshot Checksum Migration'.split()
more_rules = []
for service in services:
    for kind in kinds:
        more_rules.append(rf'{service}\.{kind}Error: .+')
        more_rules.append(rf'\b{service[:3].upper()}-{kind[:4].upper()}-\d{{4}}\b')
        for verb in 'refused expired diverged overflowed rejected vanished leaked'.split():
            more_rules.append(rf'{service}: {kind.lower()} (?:of )?\S+ {verb}')
        for rpc in 'Create Update Delete List'.split():
            more_rules.append(rf'rpc {service}\.v\d+\.{rpc}{kind} failed: code = \w+')
random.Random(11).shuffle(more_rules)
allr += [rule for rule in more_rules if rule not in seen]
for n in (100, 300, 1000, 5000):
    rs = allr[:n]
    assert len(rs) == n, (n, len(rs))
    open(f'{out}/rules-{n}.txt','w').write('\n'.join(rs)+'\n')
