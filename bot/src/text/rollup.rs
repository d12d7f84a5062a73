//! Several failures told as one.

use adapters::event::Run;
use jiff::SignedDuration;

use super::{clipped, count, span};

/// `4 repositories broke with the same cause`, and how many of them recovered.
pub fn incident(repos: u64, recovered: u64) -> String {
    let broke = format!("{} broke with the same cause", count(repos, "repository", "repositories"));
    match recovered {
        0 => broke,
        some => format!("{broke}, {some} of them recovered"),
    }
}

/// All of them are green again.
pub fn incident_over(repos: u64, after: SignedDuration) -> String {
    format!(
        "{} that broke with the same cause recovered, the last after {}",
        count(repos, "repository", "repositories"),
        span(after)
    )
}

/// Why no change of one of them is to blame.
pub fn hardly_one_change() -> String {
    "Hardly any one change, as they broke alike. The platform team should look.".to_owned()
}

/// Over the pipelines that are red.
pub fn red_title() -> String {
    "Red".to_owned()
}

/// Over those that are green again.
pub fn recovered_title() -> String {
    "Recovered".to_owned()
}

/// More than are named.
pub fn and_more(number: usize) -> String {
    format!("and {number} more")
}

/// Each one's own message.
pub fn details_in_thread() -> String {
    "more on each in the thread".to_owned()
}

/// `While it was quiet: 3 pipelines broke, 1 is still red`
pub fn quiet(broke: u64, red: u64) -> String {
    let one = broke == 1;
    let broke = count(broke, "pipeline broke", "pipelines broke");
    match red {
        0 if one => format!("While it was quiet: {broke}, and is green again"),
        1 if one => format!("While it was quiet: {broke}, and is still red"),
        0 => format!("While it was quiet: {broke}, and all are green again"),
        1 => format!("While it was quiet: {broke}, 1 is still red"),
        more => format!("While it was quiet: {broke}, {more} are still red"),
    }
}

/// Behind a pipeline's name.
pub fn still_red(category: &str, summary: &str) -> String {
    format!(" is red. {category} — {}", super::sentence(&clipped(summary, 160)))
}

/// Behind a pipeline's name, where the cause is not known.
pub fn still_red_unknown() -> String {
    " is red. I don't know the cause.".to_owned()
}

/// Behind a pipeline's name.
pub fn green_again(after: SignedDuration) -> String {
    format!(" broke and is green again since, after {}.", span(after))
}

/// Behind the name of a pipeline that breaks and is mended in turns.
pub fn flapping(breaks: u64) -> String {
    format!(" is flapping: it broke {breaks} times.")
}

/// The headline of a message of one repository that an incident took over.
pub fn folded(run: &Run) -> String {
    format!("{} broke like others", super::failure::pipeline(run))
}

/// Where to read on.
pub fn see_incident() -> String {
    "It is told with the others in the message that names them all; this one is kept for its buttons and its end."
        .to_owned()
}
