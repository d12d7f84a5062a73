//! Tickets: with what Discord lets us answer somebody privately after they did something.
//!
//! A message that one person alone sees can only follow something that this person did, for fifteen minutes. The surface
//! remembers the newest such chance of each person in each conversation.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a ticket is used; Discord takes it for fifteen minutes.
const LIFE: Duration = Duration::from_mins(14);

/// Tickets that are kept; past that those that are over are dropped.
const KEPT: usize = 4096;

/// Begins the address of a late answer.
const ADDRESS: &str = "discord:";

/// A chance to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Id of the application that was used.
    pub(super) application: String,
    /// Proves that we may answer. Worth nothing to anyone after fifteen minutes.
    pub(super) token: String,
}

impl Ticket {
    /// The same as one text, to be kept with the question.
    pub(super) fn address(&self) -> String {
        format!("{ADDRESS}{}:{}", self.application, self.token)
    }

    pub(super) fn from_address(address: &str) -> Option<Self> {
        let (application, token) = address.strip_prefix(ADDRESS)?.split_once(':')?;
        Some(Self { application: application.to_owned(), token: token.to_owned() })
    }
}

/// The newest ticket of each person in each conversation.
#[derive(Debug, Default)]
pub(super) struct Tickets(Mutex<HashMap<(String, String), (Ticket, Instant)>>);

impl Tickets {
    pub(super) fn keep(&self, conversation: &str, person: &str, ticket: Ticket, now: Instant) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.retain(|_, (_, since)| now.duration_since(*since) < LIFE);
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert((conversation.to_owned(), person.to_owned()), (ticket, now));
    }

    pub(super) fn of(&self, conversation: &str, person: &str, now: Instant) -> Option<Ticket> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (ticket, since) = kept.get(&(conversation.to_owned(), person.to_owned()))?;
        (now.duration_since(*since) < LIFE).then(|| ticket.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_a_while() {
        let (tickets, now) = (Tickets::default(), Instant::now());
        let ticket = Ticket { application: "1".into(), token: "aW50.x-y_z".into() };
        tickets.keep("10", "20", ticket.clone(), now);
        assert_eq!(tickets.of("10", "20", now), Some(ticket.clone()));
        assert_eq!(tickets.of("11", "20", now), None);
        assert_eq!(tickets.of("10", "20", now + LIFE), None);
        assert_eq!(Ticket::from_address(&ticket.address()), Some(ticket));
        assert_eq!(Ticket::from_address("https://hooks.example/1"), None);
    }
}
