//! The client against raw sockets that answer from a script.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers each connection with the next text of the script (an empty one closes the connection) and keeps what was asked.
async fn scripted(script: Vec<String>) -> (Url, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in script {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let read = socket.read(&mut request).await.unwrap();
            seen.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn client(hosts: Hosts) -> Http {
    // Installing twice is no fault: every test asks for it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let limits =
        Limits { backoff: Duration::from_millis(2), read: Duration::from_millis(500), ..Limits::default() };
    Http::new(hosts, limits).unwrap()
}

#[tokio::test]
async fn reads_are_repeated_after_passing_faults_and_lost_connections() {
    let script = vec![answer("503 Busy", "", ""), String::new(), answer("200 OK", "", "{\"a\":1}")];
    let (url, asked) = scripted(script).await;
    let answer = client(Hosts::new().allow(&url)).send(Call::get(url)).await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>(100).await.unwrap()["a"], 1);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    assert!(asked[0].to_lowercase().contains(&format!("user-agent: {AGENT}")), "{}", asked[0]);
}

#[tokio::test]
async fn a_write_is_sent_once_when_its_outcome_is_unknown() {
    let (url, asked) = scripted(vec![String::new(), answer("200 OK", "", "")]).await;
    let error = client(Hosts::new().allow(&url)).send(Call::post(url)).await.unwrap_err();
    assert!(matches!(error, HttpError::Unavailable(_)), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let error = client(Hosts::new().allow(&url)).send(Call::post(url)).await.unwrap_err();
    assert_eq!(error.to_string(), "operation timed out");
}

#[tokio::test]
async fn short_waits_are_waited_and_long_ones_are_handed_back() {
    let script =
        vec![answer("429 Slow", "retry-after: 1\r\n", ""), answer("429 Slow", "retry-after: 3600\r\n", "")];
    let (url, asked) = scripted(script).await;
    let started = Instant::now();
    let error = client(Hosts::new().allow(&url)).send(Call::post(url)).await.unwrap_err();
    assert!(matches!(error, HttpError::RateLimited { after } if after == Duration::from_hours(1)), "{error}");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn another_origin_gets_no_credentials_and_the_same_one_does() {
    let (elsewhere, asked_elsewhere) = scripted(vec![answer("200 OK", "", "log")]).await;
    let location = format!("location: {elsewhere}file?sig=1\r\n");
    let (url, asked) =
        scripted(vec![answer("301 Moved", "location: /new\r\n", ""), answer("302 Found", &location, "")])
            .await;
    let hosts = Hosts::new().allow(&url).redirect_to(["127.0.0.1".to_owned()]);
    let call = Call::get(url)
        .header(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer s3cret"))
        .header(ACCEPT, HeaderValue::from_static("text/plain"));
    let answer = client(hosts).send(call).await.unwrap();
    assert_eq!(answer.bytes(10).await.unwrap(), "log");
    let (asked, asked_elsewhere) = (asked.lock().unwrap(), asked_elsewhere.lock().unwrap());
    assert!(asked[1].starts_with("GET /new ") && asked[1].contains("s3cret"), "{}", asked[1]);
    assert!(asked_elsewhere[0].starts_with("GET /file?sig=1 "), "{}", asked_elsewhere[0]);
    assert!(!asked_elsewhere[0].to_lowercase().contains("authorization"), "{}", asked_elsewhere[0]);
    assert!(asked_elsewhere[0].contains("text/plain"));
}

#[tokio::test]
async fn redirects_to_unnamed_hosts_and_loops_end() {
    let (url, _) = scripted(vec![answer("302 Found", "location: http://localhost:1/\r\n", "")]).await;
    let error = client(Hosts::new().allow(&url)).send(Call::get(url)).await.unwrap_err();
    assert!(matches!(&error, HttpError::HostRefused { host, .. } if host == "localhost"), "{error}");

    let (url, _) = scripted(vec![answer("302 Found", "location: /again\r\n", ""); 10]).await;
    let error = client(Hosts::new().allow(&url)).send(Call::get(url)).await.unwrap_err();
    assert_eq!(error.to_string(), "redirects more than 5 times");
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_with_and_without_announcement() {
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n14\r\n01234567890123456789\r\n0\r\n\r\n"
            .to_owned();
    let (url, _) = scripted(vec![answer("200 OK", "", &"x".repeat(20)), chunked]).await;
    let http = client(Hosts::new().allow(&url));
    for _ in 0..2 {
        let error = http.send(Call::get(url.clone())).await.unwrap().bytes(10).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { limit: 10 }), "{error}");
    }
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    let with = |value: &str| HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
    assert_eq!(retry_after(&with("7")), Some(Duration::from_secs(7)));
    assert_eq!(retry_after(&with("Wed, 21 Oct 2015 07:28:00 GMT")), Some(Duration::ZERO));
    assert!(retry_after(&with("Fri, 31 Dec 2060 23:59:59 GMT")).unwrap() > Duration::from_hours(24));
    assert_eq!(retry_after(&with("soon")), None);
}
