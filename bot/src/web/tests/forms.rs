//! Forms of the console, without a script.

use adapters::message::{Action, ActionStyle};
use reqwest::StatusCode;
use serde_json::json;

use super::{Served, VIEWER, broken, form, location};

fn wrong() -> Action {
    Action {
        id: "feedback_down".to_owned(),
        label: "Wrong cause".to_owned(),
        value: "b1".to_owned(),
        style: ActionStyle::Normal,
        confirm: None,
        url: None,
    }
}

#[tokio::test]
async fn a_button_opens_a_form_whose_answers_go_in_once() {
    let served = Served::open().await;
    let mut message = broken("x");
    message.actions.push(wrong());
    let post = served.put("k1", "#payments", message).await;
    let click = [("post", post.id.as_str()), ("action", "feedback_down")];
    let led = served.post("/console/click").body(form(&click)).send().await.unwrap();
    assert_eq!(led.status(), StatusCode::SEE_OTHER);
    let path = location(&led).to_owned();
    let scripted = served.post("/console/click").header("accept", "application/json").body(form(&click));
    let told: serde_json::Value = scripted.send().await.unwrap().json().await.unwrap();
    assert_eq!(told, json!({ "form": path }));
    assert!(served.came_in().await.is_empty(), "opening it changes nothing");

    let page = served.page(&path).await;
    for there in
        ["<h1>Wrong cause</h1>", "name=\"f.cause\"", "<option value=\"network\">", "maxlength=\"500\""]
    {
        assert!(page.contains(there), "{there} is not in\n{page}");
    }
    let send = |fields: &[(&str, &str)]| {
        let all = [&click[..], &[("nonce", "0123456789abcdef0123")], fields].concat();
        served.post("/console/form").header("accept", "application/json").body(form(&all)).send()
    };
    let long = "x".repeat(501);
    for bad in [
        &[("f.line", "x")][..],
        &[("f.cause", " ")],
        &[("f.cause", "x"), ("f.category", "weather")],
        &[("f.cause", "x"), ("f.line", &long)],
        &[("f.cause", "x"), ("f.colour", "red")],
    ] {
        assert_eq!(send(bad).await.unwrap().status(), StatusCode::BAD_REQUEST, "{bad:?}");
    }
    assert!(served.came_in().await.is_empty());
    // A form sent twice goes in once, and says only what the button is about.
    let good = [("f.cause", " a\r\nb "), ("f.category", "network"), ("f.line", ""), ("value", "forged")];
    for _ in 0..2 {
        assert_eq!(send(&good).await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    let came_in = served.came_in().await;
    assert_eq!(came_in.len(), 1);
    assert_eq!(
        came_in[0]["kind"],
        json!({"type": "form", "form": "wrong_cause", "value": "b1", "message": "k1", "response_url": null,
            "fields": {"cause": "a\nb", "category": "network"}})
    );
    let all = [&click[..], &[("nonce", "0123456789abcdef0124"), ("f.cause", "x")]].concat();
    let answered = served.post("/console/form").body(form(&all)).send().await.unwrap();
    assert!(answered.text().await.unwrap().contains("Back to the message"));
}

#[tokio::test]
async fn only_who_may_act_sees_a_form_and_only_of_a_button_that_is_there() {
    let console = "[[console.token]]\nname = \"vi\"\nrole = \"viewer\"\ntoken = \"env:VIEWER\"";
    let served = Served::start(console).await;
    let mut message = broken("x");
    message.actions.push(wrong());
    let post = served.put("k1", "#payments", message).await;
    let path = |action: &str| format!("/console/form?post={}&action={action}", post.id);
    let seen = served.get(&path("feedback_down")).bearer_auth(VIEWER).send().await.unwrap();
    assert_eq!(seen.status(), StatusCode::FORBIDDEN);
    let served = Served::open().await;
    let post = served.put("k1", "#payments", broken("x")).await;
    let path = |action: &str| format!("/console/form?post={}&action={action}", post.id);
    assert_eq!(served.get(&path("feedback_down")).send().await.unwrap().status(), StatusCode::CONFLICT);
    assert_eq!(served.get(&path("rerun_failed")).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}
