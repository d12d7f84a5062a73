//! `[people.LOGIN]`: who somebody on the code host is on each chat surface.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use adapters::params::Params;

/// Who is who.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// Code-host login → surface name → the surface's id, or the person's address.
    by_login: BTreeMap<String, BTreeMap<String, String>>,
    /// Surface name and address → the surface's id, as the surface said.
    found: Arc<RwLock<BTreeMap<(String, String), String>>>,
}

impl People {
    /// The person's id on a surface, if known. Logins are compared without case.
    pub fn on_surface(&self, login: &str, surface: &str) -> Option<String> {
        let known = self.by_login.get(&login.to_lowercase())?.get(surface)?;
        if !is_address(known) {
            return Some(known.clone());
        }
        self.found().get(&(surface.to_owned(), known.clone())).cloned()
    }

    /// The login of somebody on a surface, if known.
    pub fn login_of(&self, surface: &str, id: &str) -> Option<&str> {
        self.by_login.keys().map(String::as_str).find(|login| {
            let known = self.by_login.get(*login).and_then(|surfaces| surfaces.get(surface));
            known.is_some_and(|known| known == id)
                || self.on_surface(login, surface).is_some_and(|known| known == id)
        })
    }

    /// Those of whom only an address is configured: surface name and address.
    pub fn by_address(&self) -> Vec<(String, String)> {
        let all = self.by_login.values().flatten();
        all.filter(|(_, known)| is_address(known)).map(|(at, known)| (at.clone(), known.clone())).collect()
    }

    /// Remembers what a surface said about an address; `None`: it knows nobody of that address.
    pub fn learn(&self, surface: &str, address: &str, id: Option<String>) {
        let key = (surface.to_owned(), address.to_owned());
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        match id {
            Some(id) => found.insert(key, id),
            None => found.remove(&key),
        };
    }

    fn found(&self) -> RwLockReadGuard<'_, BTreeMap<(String, String), String>> {
        self.found.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_address(known: &str) -> bool {
    known.contains('@')
}

/// `surfaces`: the configured names; each is a key.
pub(super) fn read(tables: Vec<Params>, surfaces: &[&str]) -> People {
    let mut people = People::default();
    for params in tables {
        let login = params.name().to_lowercase();
        let surfaces = surfaces
            .iter()
            .filter_map(|surface| Some(((*surface).to_owned(), params.text(surface)?)))
            .collect();
        people.by_login.insert(login, surfaces);
        params.finish();
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_whoever_the_surface_says() {
        let at = |known: &str| BTreeMap::from([("slack".to_owned(), known.to_owned())]);
        let by_login = [("dana", at("dana@example.com")), ("sam", at("U0SAM"))];
        let people = People {
            by_login: by_login.map(|(login, at)| (login.to_owned(), at)).into(),
            found: Arc::default(),
        };
        assert_eq!(people.on_surface("Sam", "slack").as_deref(), Some("U0SAM"));
        assert_eq!(people.by_address(), [("slack".to_owned(), "dana@example.com".to_owned())]);
        assert_eq!((people.on_surface("dana", "slack"), people.login_of("slack", "U0DANA")), (None, None));
        people.learn("slack", "dana@example.com", Some("U0DANA".to_owned()));
        assert_eq!(people.on_surface("dana", "slack").as_deref(), Some("U0DANA"));
        assert_eq!(people.login_of("slack", "U0DANA"), Some("dana"));
        people.learn("slack", "dana@example.com", None);
        assert_eq!(people.login_of("slack", "U0DANA"), None, "who left is nobody");
    }
}
