//! `[[subscriptions]]`: what conversations hear of by configuration, in the words that they would ask for it themselves.

use adapters::params::Params;

use super::routes::{Target, targets};
use crate::triage::wish::Wish;

/// One `[[subscriptions]]`.
#[derive(Debug, Clone)]
pub struct FixedSubscription {
    /// Which conversations.
    pub to: Vec<Target>,
    /// What they hear of.
    pub wish: Wish,
}

pub(super) fn read(root: &Params, surfaces: &[&str]) -> Vec<FixedSubscription> {
    root.list_of_tables("subscriptions").into_iter().filter_map(|params| one(params, surfaces)).collect()
}

fn one(params: Params, surfaces: &[&str]) -> Option<FixedSubscription> {
    let to = targets(&params, "to", surfaces);
    if to.is_empty() && params.texts("to").is_empty() {
        params.fault("to", "name the conversations: to = [\"slack:#payments\"]");
    }
    let wish = match Wish::parse(&params.required_text("filter", "payments branch:main")) {
        Ok(wish) => Some(wish),
        Err(error) => {
            if params.has("filter") {
                params.fault("filter", error.to_string());
            }
            None
        }
    };
    params.finish();
    Some(FixedSubscription { to, wish: wish? })
}
