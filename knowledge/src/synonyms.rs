//! Different words for the same thing, as people and tools write them.
//!
//! Both pages and queries pass through these lists, so it does not matter which side says `k8s` and which `Kubernetes`.
//! Keep the lists short: a pair belongs here only if it means the same in every failed build.

/// A word and what it is read as. The first of the replacements stands for the word itself.
const WORDS: &[(&str, &[&str])] = &[
    ("k8s", &["kubernetes"]),
    ("kube", &["kubernetes"]),
    ("oom", &["oom", "memory"]),
    ("oomkilled", &["oom", "memory", "killed"]),
    ("oomkill", &["oom", "memory", "killed"]),
    ("cert", &["certificate"]),
    ("certs", &["certificate"]),
    ("x509", &["x509", "certificate"]),
    ("ssl", &["tls"]),
    ("db", &["database"]),
    ("dbs", &["database"]),
    ("postgres", &["postgresql"]),
    ("psql", &["psql", "postgresql"]),
    ("golang", &["go"]),
    ("js", &["javascript"]),
    ("nodejs", &["node"]),
    ("node.js", &["node"]),
    ("ts", &["typescript"]),
    ("py", &["python"]),
    ("python3", &["python"]),
    ("pip3", &["pip"]),
    ("tf", &["terraform"]),
    ("gha", &["github", "actions"]),
    ("repo", &["repository"]),
    ("repos", &["repository"]),
    ("dep", &["dependency"]),
    ("deps", &["dependency"]),
    ("config", &["configuration"]),
    ("cfg", &["configuration"]),
    ("env", &["environment"]),
    ("perms", &["permission"]),
    ("creds", &["credential"]),
    ("auth", &["authentication"]),
    ("unauthorized", &["unauthorized", "authentication"]),
    ("segfault", &["segfault", "crash"]),
    ("sigsegv", &["sigsegv", "segfault", "crash"]),
    ("lockfile", &["lockfile", "lock", "file"]),
    ("timeouts", &["timeout"]),
    ("enospc", &["enospc", "disk", "space"]),
    ("eacces", &["eacces", "permission", "denied"]),
    ("econnrefused", &["econnrefused", "connection", "refused"]),
    ("econnreset", &["econnreset", "connection", "reset"]),
    ("etimedout", &["etimedout", "timeout", "connection"]),
    ("enotfound", &["enotfound", "dns", "resolve"]),
    ("eai_again", &["eai_again", "dns", "resolve"]),
    ("eresolve", &["eresolve", "peer", "dependency", "conflict"]),
    ("imagepullbackoff", &["imagepullbackoff", "image", "pull"]),
    ("errimagepull", &["errimagepull", "image", "pull"]),
    ("crashloopbackoff", &["crashloopbackoff", "crash", "restart"]),
];

/// Words in a row, and what else they say.
const PHRASES: &[(&[&str], &[&str])] = &[
    (&["out", "of", "memory"], &["oom"]),
    (&["heap", "space"], &["oom", "memory"]),
    (&["code", "137"], &["oom", "memory", "killed"]),
    (&["code", "139"], &["segfault", "crash"]),
    (&["segmentation", "fault"], &["segfault", "crash"]),
    (&["timed", "out"], &["timeout"]),
    (&["time", "out"], &["timeout"]),
    (&["deadline", "exceeded"], &["timeout"]),
    (&["no", "space", "left"], &["disk", "full"]),
    (&["too", "many", "requests"], &["rate", "limit"]),
    (&["resolve", "host"], &["dns"]),
    (&["no", "such", "host"], &["dns"]),
    (&["name", "resolution"], &["dns"]),
    (&["lock", "file"], &["lockfile"]),
];

/// What a word (lower case) is read as; itself if the list does not know it.
pub(crate) fn of_word(word: &str) -> Option<&'static [&'static str]> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, meanings)| *meanings)
}

/// What the words from the start of the slice on say together.
pub(crate) fn of_phrase<'a>(
    words: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<&'static [&'static str]> {
    let matches = |phrase: &[&str]| {
        let mut words = words.clone();
        phrase.iter().all(|expected| words.next() == Some(expected))
    };
    PHRASES.iter().find(|(phrase, _)| matches(phrase)).map(|(_, meanings)| *meanings)
}
