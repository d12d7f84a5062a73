//! Writing to terminals: colours only where they are wanted.

use std::io::Write;

use anstyle::{AnsiColor, Style};

/// What went wrong, with each cause on a line of its own, on standard error.
pub(super) fn complain(error: &anyhow::Error) {
    let mut out = anstream::stderr().lock();
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let _ = writeln!(out, "{red}error:{red:#} {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(out, "  because: {cause}");
    }
}

/// Bold.
pub(super) const STRONG: Style = Style::new().bold();
/// For what matters less.
pub(super) const FAINT: Style = Style::new().dimmed();
/// For what is broken.
pub(super) const BAD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
/// For what is fine.
pub(super) const GOOD: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
/// For what is not sure.
pub(super) const UNSURE: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));

/// Standard output; colours are taken out unless it is a terminal (`NO_COLOR` and `CLICOLOR_FORCE` are obeyed).
pub(super) fn stdout() -> anstream::AutoStream<std::io::StdoutLock<'static>> {
    anstream::stdout().lock()
}
