//! People whom the configuration names by their address: asked for at the start and every hour, for people come and go.

use crate::app::App;

/// Asks each surface who has the addresses that the configuration names. What cannot be asked now stays as it was.
pub(super) async fn find_people(app: &App) {
    for (surface, address) in app.config.people.by_address() {
        let Some(there) = app.surfaces.get(&surface) else { continue };
        match there.person_by_email(&address).await {
            Ok(found) => {
                if found.is_none() {
                    // Not the address itself: a log is no place for it.
                    tracing::warn!(surface, "an address under [people] belongs to nobody there");
                }
                app.config.people.learn(&surface, &address, found);
            }
            Err(error) => tracing::warn!(surface, %error, "people cannot be found by their addresses"),
        }
    }
}
