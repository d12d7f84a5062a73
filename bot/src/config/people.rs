//! `[people.LOGIN]`: who somebody on the code host is on each chat surface.

use std::collections::BTreeMap;

use adapters::params::Params;

/// Who is who.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// Code-host login → surface name → the surface's id.
    by_login: BTreeMap<String, BTreeMap<String, String>>,
}

impl People {
    /// The person's id on a surface, if known. Logins are compared without case.
    pub fn on_surface(&self, login: &str, surface: &str) -> Option<&str> {
        self.by_login.get(&login.to_lowercase())?.get(surface).map(String::as_str)
    }

    /// The login of somebody on a surface, if known.
    pub fn login_of(&self, surface: &str, id: &str) -> Option<&str> {
        self.by_login
            .iter()
            .find(|(_, surfaces)| surfaces.get(surface).is_some_and(|known| known == id))
            .map(|(login, _)| login.as_str())
    }
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
