//! Forms in the console: a page of their own, which scripts show as a dialog.
//!
//! The page is made anew from the button each time, so nothing that the browser sends back says what the form is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use adapters::chat::{Interaction, InteractionKind};
use adapters::form::{Field, FieldKind, Form, filled};
use askama::Template;
use axum::Json;
use axum::extract::{Form as Body, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::json;

use super::Web;
use super::actions::{self, Click, Clicked};
use super::auth::Visitor;
use super::card::SURFACE;
use super::fault::Fault;
use super::page::Page;
use crate::intake;

/// Before the name of each field, so that none is taken for one of the page's own.
const OURS: &str = "f.";

#[derive(Template)]
#[template(path = "form.html")]
struct Sheet {
    page: Page,
    form: Form,
    click: Click,
    nonce: String,
    /// Where the message stands.
    back: String,
    /// It was sent.
    sent: bool,
}

/// After a click that opens a form: scripts are told where it is, browsers without one are sent there.
pub(super) fn lead_to(headers: &HeaderMap, click: &Click) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("post", &click.post)
        .append_pair("action", &click.action)
        .finish();
    let path = format!("/console/form?{query}");
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Json(json!({ "form": path })).into_response();
    }
    Redirect::to(&path).into_response()
}

/// `GET /console/form`: the form that a button opens.
pub(super) async fn show(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    page: Page,
    Query(click): Query<Click>,
) -> Result<Html<String>, Fault> {
    let (clicked, form) = opened(&web, &visitor, &click).await?;
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    Ok(Html(Sheet { page, form, nonce, back: clicked.shows(), click, sent: false }.render()?))
}

/// `POST /console/form`: it comes back.
pub(super) async fn send(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    page: Page,
    headers: HeaderMap,
    Body(given): Body<BTreeMap<String, String>>,
) -> Result<Response, Fault> {
    let part = |name: &str| given.get(name).cloned().unwrap_or_default();
    let click = Click { post: part("post"), action: part("action") };
    let (clicked, form) = opened(&web, &visitor, &click).await?;
    let fields = given
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(OURS)?.to_owned(), value.replace("\r\n", "\n"))));
    let fields = filled(fields);
    check(&form, &fields)?;
    let nonce = part("nonce");
    if !actions::is_nonce(&nonce) {
        return Err(Fault::Malformed("Open the form once more: this one was not made here.".to_owned()));
    }
    let back = clicked.shows();
    let InteractionKind::Click { message, .. } = clicked.interaction.kind else {
        return Err(Fault::NotFound("There is no such form.".to_owned()));
    };
    let kind = InteractionKind::Form {
        form: form.id.clone(),
        value: form.value.clone(),
        fields,
        message: Some(message),
        response_url: None,
    };
    let interaction = Interaction { id: format!("form:{nonce}"), kind, ..clicked.interaction };
    actions::taken(intake::interaction(&web.app, SURFACE, interaction).await)?;
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Html(Sheet { page, form, click, nonce, back, sent: true }.render()?).into_response())
}

async fn opened(web: &Web, visitor: &Visitor, click: &Click) -> Result<(Clicked, Form), Fault> {
    let clicked = actions::clicked(web, visitor, click).await?;
    let form = crate::forms::opened_by(&clicked.interaction.kind)
        .ok_or_else(|| Fault::NotFound("This button opens no form.".to_owned()))?;
    Ok((clicked, form))
}

/// What a browser checks too, unless somebody goes around it.
fn check(form: &Form, fields: &BTreeMap<String, String>) -> Result<(), Fault> {
    let fault = |field: &Field, why: &str| Err(Fault::Malformed(format!("“{}” {why}", field.label)));
    if let Some(unknown) = fields.keys().find(|name| form.fields.iter().all(|field| field.name != **name)) {
        return Err(Fault::Malformed(format!("This form has no field “{unknown}”.")));
    }
    for field in &form.fields {
        match fields.get(&field.name) {
            None if field.required => return fault(field, "must be filled in."),
            Some(value) if value.chars().count() > field.max_chars => {
                return fault(field, &format!("has at most {} characters.", field.max_chars));
            }
            Some(value) if matches!(field.kind, FieldKind::Choice(_)) && field.chosen(value).is_none() => {
                return fault(field, "must be one of the list.");
            }
            _ => {}
        }
    }
    Ok(())
}
