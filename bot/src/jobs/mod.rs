//! The list of jobs: everything that happens between the inbox and the outbox, and beyond it.

mod answer;
mod daily;
mod deliver;
mod enrich;
mod ingest;
mod learn;
mod people;
mod publish;
mod read_again;
mod refresh;
mod rerun;
mod roll_up;
mod settled;
mod triage;

use crate::app::App;
use crate::queue::Registry;

pub use answer::Answer;
pub use deliver::{Deliver, deliver_later, delivery_lanes};
pub use enrich::Enrich;
pub use ingest::Ingest;
pub use learn::{LEARNING_LANE, Learn};
pub use publish::Publish;
pub use read_again::{ReadAgain, read_again_later};
pub use refresh::{housekeeping, refresh_runbooks};
pub use rerun::Rerun;
pub use roll_up::RollUp;
pub use settled::Settled;
pub use triage::{RunFailed, RunPassed, pipeline_lane};

/// Every kind of job, one line each.
pub fn registry() -> Registry<App> {
    Registry::new()
        .register::<Ingest>()
        .register::<RunFailed>()
        .register::<RunPassed>()
        .register::<ReadAgain>()
        .register::<Enrich>()
        .register::<Learn>()
        .register::<Publish>()
        .register::<Deliver>()
        .register::<Answer>()
        .register::<Rerun>()
        .register::<Settled>()
        .register::<RollUp>()
}
