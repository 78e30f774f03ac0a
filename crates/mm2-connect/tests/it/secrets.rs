use std::fmt::{Debug, Display};

use mm2_connect::ConnectSettings;
use secrecy::SecretString;

use super::*;

const SENTINEL: &str = "hunter2";

fn hidden(what: &impl Debug) {
    assert!(!format!("{what:?} {what:#?}").contains(SENTINEL), "{what:?}");
}

fn hidden_error(error: &(impl Debug + Display)) {
    hidden(error);
    assert!(!error.to_string().contains(SENTINEL), "{error}");
}

fn with_password_everywhere(url: &str) -> ConnectSettings {
    ConnectSettings {
        urls: vec![url.replace("http://", &format!("http://u:{SENTINEL}@"))],
        username: Some("u".to_owned()),
        password: Some(SecretString::from(SENTINEL)),
        ..ConnectSettings::default()
    }
}

#[tokio::test]
async fn a_configuration_hides_its_passwords_and_still_gives_them_when_asked() {
    let full = mirror("test.*");
    let server = answering("/connectors/m/config", ok(full["info"]["config"].clone())).await;
    answer_at(&server, "/connectors", ok(json!({"m": full}))).await;
    let connect = connect_to(&[server.uri()]);
    let config = connect.config("m").await.unwrap();
    assert!(config.get("source.cluster.sasl.jaas.config").unwrap().contains(SENTINEL));
    hidden(&config);
    hidden(&config.redacted());
    hidden(&connect.choose(&["test-1"]).await.unwrap());
}

#[tokio::test]
async fn no_error_shows_a_password() {
    let answers = [
        ResponseTemplate::new(401),
        ResponseTemplate::new(404).set_body_string(SENTINEL),
        ResponseTemplate::new(500).set_body_string(SENTINEL),
        ResponseTemplate::new(200).set_body_string(SENTINEL),
        ok(json!(SENTINEL)),
        ok(json!({"sasl.jaas.config": [SENTINEL]})),
        ResponseTemplate::new(302).insert_header("location", format!("http://u:{SENTINEL}@127.0.0.1:1/x")),
    ];
    for answer in answers {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        let connect = Connect::new(with_password_everywhere(&server.uri())).unwrap();
        hidden_error(&connect.connectors().await.unwrap_err());
        hidden_error(&connect.status("m").await.unwrap_err());
        hidden_error(&connect.config("m").await.unwrap_err());
        hidden_error(&connect.choose(&["t"]).await.unwrap_err());
    }
}

#[tokio::test]
async fn neither_settings_client_health_nor_refusals_show_the_url_s_password() {
    let settings = with_password_everywhere(&dead_url());
    hidden(&settings);
    let connect = Connect::new(settings).unwrap();
    hidden(&connect);
    hidden(&connect.workers().await);
    hidden_error(&connect.connectors().await.unwrap_err());
    let refused = Connect::new(with_password_everywhere("http://h:no-port")).unwrap_err();
    hidden_error(&refused);
}
