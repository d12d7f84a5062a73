//! Lists that conversations get each day.

use std::sync::Arc;

use jiff::Timestamp;

use super::deliver_later;
use crate::app::App;
use crate::ask::{self, Setting};
use crate::queue::JobError;
use crate::store::posts::{self, NewPost};
use crate::store::subscriptions::{self, Subscription};
use crate::store::{now_ms, settings};
use crate::triage;
use crate::triage::wish::{Daily, Wish};

/// Posts the lists whose time has come. A fault is logged, and tried again at the next look.
pub(super) async fn post_daily_lists(app: &Arc<App>) {
    if let Err(error) = due_lists(app).await {
        tracing::error!(?error, "the daily lists could not be posted; trying again");
    }
}

async fn due_lists(app: &App) -> Result<(), JobError> {
    let mut all: Vec<(Subscription, Daily)> = Vec::new();
    for subscription in subscriptions::list(&app.store).await? {
        if let Ok(Wish::Flakiest(daily)) = Wish::parse(&subscription.filter) {
            all.push((subscription, daily));
        }
    }
    for (subscription, wish) in triage::fixed_subscriptions(app) {
        if let Wish::Flakiest(daily) = wish {
            all.push((subscription, daily.clone()));
        }
    }
    for (subscription, daily) in all {
        let muted = subscription.muted_until.is_some_and(|until| until > now_ms());
        let Some(day) = daily.due(Timestamp::now()).filter(|_| !muted) else { continue };
        post(app, &subscription, &daily, &day.to_string()).await?;
    }
    Ok(())
}

/// Posts one list, once a day, however many replicas do so.
async fn post(app: &App, subscription: &Subscription, daily: &Daily, day: &str) -> Result<(), JobError> {
    let marker = format!("flakiest:{}", subscription.id);
    if settings::get(&app.store, &marker).await?.as_deref() == Some(day) {
        return Ok(());
    }
    let Subscription { surface, conversation, created_by: person, .. } = subscription;
    let setting = Setting {
        surface: surface.clone(),
        conversation: conversation.clone(),
        person: person.clone(),
        ..Setting::default()
    };
    let list = ask::daily_list(app, &setting, daily).await.map_err(triage::TriageError::into_job_error)?;
    let mut tx = app.store.begin().await?;
    settings::set(&mut tx, &marker, day).await?;
    if let Some(message) = list {
        let key = format!("{marker}:{day}");
        let new = NewPost {
            surface: surface.clone(),
            conversation: conversation.clone(),
            key: key.clone(),
            subject: key,
            parent_id: None,
            thread: None,
            message,
        };
        let (post, changed) = posts::put(&mut tx, &new).await?;
        if changed {
            deliver_later(&mut tx, &post).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
