//! Verdicts from history, scored on simulated histories.

mod simulated;

use anyhow::Result;
use classifiers::flaky::{Attempt, Told, judge};

use crate::{figure::Figure, floors::Floors, report::line};
pub(crate) use simulated::Dice;
use simulated::{Cause, World, comes_from_outside};

/// Attempts that are remembered: about what the bot looks at.
const REMEMBERED: usize = 600;

/// What `evals flaky` is asked for.
#[derive(clap::Args)]
pub(crate) struct FlakyArgs {
    /// Worlds to live through; each is made from its number alone.
    #[arg(long, default_value_t = 60)]
    worlds: u64,
    /// The number of the first world.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Fail below the floors in evals/floors.toml.
    #[arg(long)]
    floors: bool,
    /// Tell what every wrong verdict was about.
    #[arg(long)]
    wrong: bool,
}

/// How often a verdict was given, and was right; how often it should have been given, and was.
#[derive(Default)]
struct Score {
    given: usize,
    right: usize,
    due: usize,
    found: usize,
}

#[derive(Default)]
struct Scores {
    failures: usize,
    flaky: Score,
    not_yours: Score,
    on_main: Score,
    new: Score,
    innocent: Score,
}

/// Lives through the worlds and prints the figures.
pub(crate) fn run(args: &FlakyArgs) -> Result<bool> {
    let mut scores = Scores::default();
    for seed in args.first..args.first + args.worlds {
        scores.add(&World::lived(seed), args.wrong);
    }
    let figures = scores.figures();
    line(&format!("{} failures in {} simulated histories", scores.failures, args.worlds));
    for figure in &figures {
        line(&format!(
            "{:<46} {:>7}  ({}–{}, of {}) {}",
            figure.title,
            figure.write(figure.value),
            figure.write(figure.low),
            figure.write(figure.high),
            figure.of,
            figure.target_text()
        ));
    }
    Ok(!args.floors || Floors::committed()?.hold("flaky", &figures))
}

impl Scores {
    fn add(&mut self, world: &World, tell: bool) {
        let mut order: Vec<usize> = (0..world.done.len()).collect();
        order.sort_by_key(|done| world.done[*done].seen_from(0).at);
        for (position, number) in order.iter().enumerate() {
            let done = &world.done[*number];
            for (way, cause) in &done.failed {
                let before = &order[position.saturating_sub(REMEMBERED)..position];
                let history: Vec<Attempt> =
                    before.iter().map(|past| world.done[*past].seen_from(*way)).collect();
                let now = done.seen_from(*way);
                let told = judge(&now, comes_from_outside(*way), &history);
                if !self.count(*cause, comes_from_outside(*way), &now, told.as_ref()) && tell {
                    line(&format!("way {way} really {cause:?}, told {told:?} at {now:?}"));
                }
            }
        }
    }

    /// Counts one failure; whether what was said of it is right.
    fn count(&mut self, cause: Cause, outside: bool, now: &Attempt, told: Option<&Told>) -> bool {
        self.failures += 1;
        // Trying again helps against chance, and against what is away for an hour.
        let transient = cause == Cause::Chance || (cause == Cause::Outside && outside);
        let innocent = cause != Cause::Own;
        let inherited = matches!(cause, Cause::Inherited | Cause::Outside);
        let mut right = true;
        let mut score = |score: &mut Score, given: bool, is: bool, due: bool| {
            score.given += usize::from(given);
            score.right += usize::from(given && is);
            score.due += usize::from(due);
            score.found += usize::from(due && given);
            right &= !given || is;
        };
        let flaky = matches!(told, Some(Told::Flaky(_)));
        let not_yours = matches!(told, Some(Told::NotYourChange(_)));
        let on_main = matches!(told, Some(Told::BrokenOnMain(_)));
        score(&mut self.flaky, flaky, transient, cause == Cause::Chance);
        score(&mut self.not_yours, not_yours, innocent, cause == Cause::Outside && !now.bot);
        score(&mut self.on_main, on_main, inherited, cause == Cause::Inherited && !now.main);
        score(&mut self.new, matches!(told, Some(Told::NewInThisChange)), !innocent, cause == Cause::Own);
        let excused = flaky || not_yours || on_main;
        score(&mut self.innocent, excused, innocent, innocent && !now.main);
        right
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for (name, title, score, precise, found) in [
            ("flaky", "flaky", &self.flaky, true, true),
            ("not_your_change", "not your change", &self.not_yours, true, true),
            ("broken_on_main", "broken on main", &self.on_main, true, true),
            ("new", "new in this change", &self.new, false, false),
            ("innocent", "any verdict that clears a change", &self.innocent, true, true),
        ] {
            let precision = Figure::share(
                &format!("{name}_precision"),
                &format!("{title}: right"),
                score.right,
                score.given,
            );
            figures.push(match precise {
                // What is called an old break of the main branch may be chance there and here.
                true if name == "broken_on_main" => precision.at_least(0.98),
                true => precision.at_least(0.99),
                false => precision,
            });
            let recall = Figure::share(
                &format!("{name}_recall"),
                &format!("{title}: told where true"),
                score.found,
                score.due,
            );
            figures.extend(found.then_some(recall));
        }
        figures
    }
}
