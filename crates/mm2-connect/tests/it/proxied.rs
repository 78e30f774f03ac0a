//! Connect behind something else: a path prefix, a load balancer, a gateway, a login page.

use mm2_connect::{ConnectError, ConnectSettings};
use secrecy::SecretString;
use wiremock::matchers::header;

use super::*;

const LOGIN: &str = "<!DOCTYPE html><title>Sign in</title>hunter2";

fn page(code: u16) -> ResponseTemplate {
    ResponseTemplate::new(code).set_body_raw(LOGIN, "text/html; charset=utf-8")
}

#[tokio::test]
async fn the_path_prefix_stays_on_every_request_a_change_included() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/connect-a/connectors/m/status"))
        .respond_with(ok(status("w", "RUNNING")))
        .mount(&server)
        .await;
    answer_at(&server, "/connect-a/connectors", ok(json!({"m": mirror("test.*")}))).await;
    answer_at(&server, "/connect-a/connectors/m/config", ok(json!({"topics": "test.*"}))).await;
    answer_at(&server, "/connect-a", ok(json!({"version": "3.9.1"}))).await;
    Mock::given(method("PUT"))
        .and(path("/connect-a/connectors/m/pause"))
        .respond_with(ResponseTemplate::new(202))
        .mount(&server)
        .await;
    for slash in ["", "/"] {
        let connect = connect_to(&[format!("{}/connect-a{slash}", server.uri())]);
        connect.status("m").await.unwrap();
        connect.config("m").await.unwrap();
        connect.choose(&["test-1"]).await.unwrap();
        connect.pause("m").await.unwrap();
        assert!(connect.workers().await[0].answered);
    }
    let asked = server.received_requests().await.unwrap();
    assert!(asked.iter().all(|request| request.url.path().starts_with("/connect-a")), "{asked:?}");
}

#[tokio::test]
async fn a_login_page_with_200_is_no_connect_and_is_called_what_it_is() {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(page(200)).mount(&server).await;
    let connect = connect_to(&[server.uri()]);
    let read = connect.connectors().await.unwrap_err();
    let changed = connect.pause("m").await.unwrap_err();
    for error in [read, changed] {
        assert!(matches!(error, ConnectError::NotConnect { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("a web page, such as a proxy's login page") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_but_told_without_what_is_secret_in_it() {
    let server = MockServer::start().await;
    let to = "https://u:hunter2@login.example/sign-in?token=hunter2#hunter2";
    let answer = ResponseTemplate::new(302).insert_header("location", to);
    Mock::given(path("/connectors")).respond_with(answer).mount(&server).await;
    let error = connect_to(&[server.uri()]).connectors().await.unwrap_err();
    assert!(matches!(&error, ConnectError::Redirected { code: 302, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("points to https://REDACTED@login.example/sign-in (302)"), "{text}");
    assert!(!format!("{error:?}{error}").contains("hunter2"), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_worker_behind_a_gateway_that_answers_for_it_is_silent_and_another_is_asked() {
    let proxy = MockServer::start().await;
    Mock::given(path("/b/connectors")).respond_with(ok(json!(["m"]))).mount(&proxy).await;
    Mock::given(path("/b")).respond_with(ok(json!({}))).mount(&proxy).await;
    Mock::given(wiremock::matchers::path_regex("^/a")).respond_with(page(502)).mount(&proxy).await;
    let (a, b) = (format!("{}/a", proxy.uri()), format!("{}/b", proxy.uri()));
    let connect = connect_to(&[a.clone(), b]);
    assert_eq!(connect.connectors().await.unwrap(), ["m"]);
    let answered: Vec<bool> = connect.workers().await.iter().map(|worker| worker.answered).collect();
    assert_eq!(answered, [false, true]);
    let error = connect_to(&[a]).connectors().await.unwrap_err().to_string();
    assert!(error.contains("answers 502 (Bad Gateway)") && error.contains("behind it"), "{error}");
}

fn with_bearer(url: String) -> ConnectSettings {
    let bearer = Some(SecretString::from("hunter2-token"));
    ConnectSettings { urls: vec![url], bearer, ..ConnectSettings::default() }
}

#[tokio::test]
async fn a_bearer_token_goes_with_every_request_and_is_shown_nowhere() {
    let server = MockServer::start().await;
    let bearer = header("authorization", "Bearer hunter2-token");
    Mock::given(bearer).respond_with(ok(json!(["m"]))).with_priority(1).mount(&server).await;
    Mock::given(wiremock::matchers::any()).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let settings = with_bearer(server.uri());
    assert!(!format!("{settings:?}").contains("hunter2"));
    let connect = Connect::new(settings).unwrap();
    assert_eq!(connect.connectors().await.unwrap(), ["m"]);
    connect.pause("m").await.unwrap();
    assert!(!format!("{connect:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_refused_bearer_token_is_told_as_such() {
    let server = answering("/connectors", ResponseTemplate::new(403)).await;
    let error = Connect::new(with_bearer(server.uri())).unwrap().connectors().await.unwrap_err().to_string();
    assert!(error.contains("with the bearer token") && !error.contains("hunter2"), "{error}");
}

#[test]
fn logins_that_do_not_go_together_are_refused() {
    let refused = |change: fn(&mut ConnectSettings)| {
        let mut settings = with_bearer("http://h:8083".to_owned());
        change(&mut settings);
        let error = Connect::new(settings).unwrap_err();
        assert!(!format!("{error:?}{error}").contains("hunter2"), "{error}");
        assert!(matches!(error, ConnectError::Login { .. }), "{error:?}");
        error.to_string()
    };
    let both = "a bearer token beside a username or a password; keep either username and password, or bearer";
    assert!(refused(|it| it.username = Some("bench".to_owned())).contains(both));
    assert!(refused(|it| it.urls = vec!["http://bench@h:8083".to_owned()]).contains(both));
    refused(|it| it.bearer = Some(SecretString::from("hunter2\nx")));
    let lone = refused(|it| (it.password, it.bearer) = (it.bearer.clone(), None));
    assert!(lone.contains("a password without a username"), "{lone}");
}
