//! From the outbox to a surface: see [`crate::notify`].

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::notify;
use crate::queue::{Enqueue, Job, JobError, enqueue};
use crate::store::posts::Post;
use crate::store::{self, Tx};

/// Brings a surface's copy of a post up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// Which post.
    pub post_id: String,
}

impl Job for Deliver {
    type Context = App;
    const KIND: &'static str = "deliver";
    // A surface may be down for hours: with pauses that grow to five minutes, 100 tries last about six hours.
    const MAX_ATTEMPTS: u32 = 100;
    const TIMEOUT: Duration = Duration::from_mins(1);

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        notify::deliver(&app, &self.post_id).await
    }
}

/// How the lanes of a surface's deliveries begin.
pub fn delivery_lanes(surface: &str) -> String {
    format!("deliver:{surface}:")
}

/// Has a post delivered. Posts of one conversation go one after the other, so that order is kept and a conversation's
/// rate limit holds up no other.
pub async fn deliver_later(tx: &mut Tx, post: &Post) -> store::Result<()> {
    let lane = delivery_lanes(&post.surface) + &post.conversation;
    enqueue(tx, &Deliver { post_id: post.id.clone() }, Enqueue::now().lane(lane).once(post.id.clone()))
        .await?;
    Ok(())
}
