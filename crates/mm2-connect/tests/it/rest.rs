use std::time::Duration;

use mm2_connect::{ConnectError, ConnectSettings};
use secrecy::SecretString;
use wiremock::matchers::{basic_auth, query_param};

use super::*;

#[tokio::test]
async fn a_status_is_read_with_its_tasks_in_order() {
    let server = answering("/connectors/m/status", ok(status("127.0.0.1:8084", "FAILED"))).await;
    let seen = connect_to(&[server.uri()]).status("m").await.unwrap();
    assert_eq!(seen.connector_state, "RUNNING");
    assert_eq!(seen.tasks.iter().map(|t| t.id).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(seen.tasks[1].worker_id, "127.0.0.1:8084");
    assert_eq!(seen.tasks[1].cause(), Some("org.apache.kafka.X: no WRITE"));
    assert!(!seen.is_running());
}

#[tokio::test]
async fn a_name_with_an_arrow_or_a_slash_is_one_segment_of_the_path() {
    let server = answering("/base/connectors/a-%3Eb%2Fc/status", ok(status("w", "RUNNING"))).await;
    let connect = connect_to(&[format!("{}/base/", server.uri())]);
    assert!(connect.status("a->b/c").await.unwrap().is_running());
}

#[tokio::test]
async fn the_connector_that_takes_the_topics_is_chosen_and_names_the_target() {
    let server = MockServer::start().await;
    Mock::given(path("/connectors"))
        .and(query_param("expand", "info"))
        .respond_with(ok(json!({"m": mirror("test.*"), "other": mirror("orders")})))
        .mount(&server)
        .await;
    let chosen = connect_to(&[server.uri()]).choose(&["test-1"]).await.unwrap();
    assert_eq!(chosen.name, "m");
    assert_eq!(chosen.naming.unwrap().target_topic("test-1"), "paris.test-1");
}

#[tokio::test]
async fn the_connector_in_the_settings_settles_the_choice() {
    let both = json!({"a": mirror("test.*"), "b": mirror(".*")});
    let server = answering("/connectors", ok(both)).await;
    let urls = vec![server.uri()];
    let error = connect_to(&urls).choose(&["test-1"]).await.unwrap_err();
    assert!(matches!(error, ConnectError::Ambiguous { .. }), "{error:?}");
    let settings = ConnectSettings { urls, connector: Some("b".to_owned()), ..ConnectSettings::default() };
    assert_eq!(Connect::new(settings).unwrap().choose(&["test-1"]).await.unwrap().name, "b");
}

#[tokio::test]
async fn a_dead_worker_is_skipped_and_shown_as_silent() {
    let server = answering("/connectors", ok(json!(["m"]))).await;
    let dead = dead_url();
    let connect = connect_to(&[dead.clone(), server.uri()]);
    assert_eq!(connect.connectors().await.unwrap(), ["m"]);
    let health: Vec<_> = connect.workers().await.into_iter().map(|w| (w.url, w.answered)).collect();
    assert_eq!(health, [(dead, false), (server.uri(), true)], "404 at / is an answer, a dead port is none");
}

#[tokio::test]
async fn a_worker_that_is_starting_is_skipped() {
    let starting = answering("/connectors", connect_error(503, "worker is still starting up")).await;
    let ready = answering("/connectors", ok(json!(["m"]))).await;
    assert_eq!(connect_to(&[starting.uri(), ready.uri()]).connectors().await.unwrap(), ["m"]);
}

#[tokio::test]
async fn the_worker_that_answered_is_asked_first_the_next_time() {
    let failing = answering("/connectors", connect_error(500, "boom")).await;
    let ready = answering("/connectors", ok(json!(["m"]))).await;
    let connect = connect_to(&[failing.uri(), ready.uri()]);
    connect.connectors().await.unwrap();
    connect.connectors().await.unwrap();
    assert_eq!(failing.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn when_no_worker_answers_all_of_them_are_named() {
    let (a, b) = (dead_url(), dead_url());
    let error = connect_to(&[a.clone(), b.clone()]).connectors().await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&a) && text.contains(&b) && text.contains("refused"), "{text}");
}

#[tokio::test]
async fn credentials_are_sent_and_a_refusal_says_whose() {
    let server = answering("/connectors", ResponseTemplate::new(401)).await;
    Mock::given(path("/connectors"))
        .and(basic_auth("bench", "hunter2"))
        .respond_with(ok(json!(["m"])))
        .with_priority(1)
        .mount(&server)
        .await;
    let with = |username: &str| {
        let settings = ConnectSettings {
            urls: vec![server.uri()],
            username: Some(username.to_owned()),
            password: Some(SecretString::from("hunter2")),
            ..ConnectSettings::default()
        };
        Connect::new(settings).unwrap()
    };
    assert_eq!(with("bench").connectors().await.unwrap(), ["m"]);
    let refused = with("nobody").connectors().await.unwrap_err();
    assert!(
        matches!(&refused, ConnectError::Unauthorized { who, .. } if who.contains("nobody")),
        "{refused}"
    );
    let anonymous = connect_to(&[server.uri()]).connectors().await.unwrap_err();
    assert!(anonymous.to_string().contains("without credentials"), "{anonymous}");
}

#[tokio::test]
async fn userinfo_in_the_url_is_credentials_too() {
    let server = MockServer::start().await;
    Mock::given(basic_auth("bench", "hunter2")).respond_with(ok(json!(["m"]))).mount(&server).await;
    let url = server.uri().replace("http://", "http://bench:hunter2@");
    assert_eq!(connect_to(&[url]).connectors().await.unwrap(), ["m"]);
}

#[tokio::test]
async fn an_unknown_connector_is_told_with_those_that_exist() {
    let missing = connect_error(404, "No status found for connector x");
    let server = answering("/connectors/x/status", missing).await;
    answer_at(&server, "/connectors", ok(json!(["a", "m"]))).await;
    let error = connect_to(&[server.uri()]).status("x").await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::UnknownConnector { name, found } if name == "x" && found == &["a", "m"]),
        "{error:?}"
    );
}

#[tokio::test]
async fn connect_s_own_error_is_passed_on() {
    let server = answering("/connectors", connect_error(500, "Request timed out")).await;
    let error = connect_to(&[server.uri()]).connectors().await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Status { code: 500, message, .. } if message == "Request timed out"),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_not_connect_is_told_as_such() {
    let html = || ResponseTemplate::new(200).set_body_raw("<html>hunter2</html>", "text/html");
    let foreign_404 = ResponseTemplate::new(404).set_body_raw("not found", "text/plain");
    for answer in [html(), foreign_404, ok(json!({"hello": "world"}))] {
        let server = answering("/connectors", answer).await;
        let error = connect_to(&[server.uri()]).connectors().await.unwrap_err();
        assert!(matches!(error, ConnectError::NotConnect { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_worker_that_does_not_answer_in_time_is_unreachable() {
    // Accepts and never answers; polls allow 800 ms, so ask through one.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = connect_to(&[format!("http://{}", listener.local_addr().unwrap())]);
    let mut polls = Vec::new();
    let stop = tokio::time::sleep(Duration::from_millis(1500));
    mm2_connect::poll_status(&connect, "m", Duration::from_millis(200), stop, |poll| polls.push(poll)).await;
    assert!(polls.len() >= 3, "a stuck worker delays the polls: {}", polls.len());
    assert!(polls.iter().all(|poll| !poll.answered));
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let refused = |urls: &[&str], ca_pem: Option<&str>| {
        let urls = urls.iter().map(|url| (*url).to_owned()).collect();
        let ca_pem = ca_pem.map(|pem| pem.as_bytes().to_vec());
        Connect::new(ConnectSettings { urls, ca_pem, ..ConnectSettings::default() }).unwrap_err()
    };
    assert!(matches!(refused(&[], None), ConnectError::NoUrl));
    for url in ["localhost:8083", "ftp://h", "not a url"] {
        assert!(matches!(refused(&[url], None), ConnectError::InvalidUrl { .. }), "{url}");
    }
    assert!(matches!(refused(&["https://h"], Some("no PEM")), ConnectError::Tls { .. }));
}
