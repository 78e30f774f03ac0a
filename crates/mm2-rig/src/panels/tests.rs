//! Looking for signals where what is asked does not answer, or not yet.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use mm2_connect::{Connect, ConnectSettings};
use mm2_metrics::MetricsError;

use super::*;

const NOW: Duration = Duration::ZERO;
const SOON: Duration = Duration::from_millis(50);

fn waited_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn gone() -> RigError {
    let (url, text) = ("http://p".to_owned(), "starting up".to_owned());
    RigError::Metrics(MetricsError::Unavailable { url, status: 503, text })
}

/// What is found in the end, and how often it was looked for; each look finds the next of these, and then the last.
fn found(looks: &[Option<u8>], limit: Duration) -> (Result<u8, String>, usize) {
    let looked = Cell::new(0);
    let look = async || {
        let at = looked.get();
        looked.set(at + 1);
        looks[at.min(looks.len() - 1)].ok_or_else(gone)
    };
    let got = waited_for(best_of(look, |found| *found == 9, limit, Duration::from_millis(1)));
    (got.map_err(|error| error.to_string()), looked.get())
}

#[test]
fn a_failure_that_passes_does_not_end_the_search() {
    assert_eq!(found(&[None, Some(1), None, Some(9)], SOON), (Ok(9), 4));
    // Not all is there in the end: the best there was, also where the last look failed.
    assert_eq!(found(&[Some(1)], SOON).0, Ok(1));
    assert_eq!(found(&[Some(1), None], SOON).0, Ok(1));
    // One look there is, whatever the limit.
    assert_eq!(found(&[Some(1)], NOW), (Ok(1), 1));
    let (failed, looked) = found(&[None], SOON);
    assert!(failed.unwrap_err().contains("does not answer queries now (503: starting up)"));
    assert!(looked > 2, "{looked}");
}

#[test]
fn a_failure_that_stays_ends_it_at_once() {
    let url = "http://p".to_owned();
    let refused = || RigError::Metrics(MetricsError::NotPrometheus { url: url.clone(), found: "x".into() });
    let looked = Cell::new(0);
    let look = async || {
        looked.set(looked.get() + 1);
        Err::<u8, _>(refused())
    };
    assert!(waited_for(best_of(look, |_| true, SOON, NOW)).is_err());
    assert_eq!(looked.get(), 1);
}

#[test]
fn a_prometheus_that_does_not_answer_keeps_nobody_from_ending_the_run() {
    let ended = waited_for(unless(std::future::ready(()), std::future::pending::<()>()));
    assert!(matches!(ended, Err(RigError::Interrupted)), "{ended:?}");
    assert!(matches!(waited_for(unless(std::future::pending(), std::future::ready(7))), Ok(7)));
}

/// A Connect that answers every question with this.
fn connect_that_says(status: &'static str, body: &'static str) -> MirrorSwitch {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            drop(stream.read(&mut [0; 4_096]));
            let length = body.len();
            let head = "Content-Type: application/json\r\nConnection: close";
            let answer = format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}");
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    let settings = ConnectSettings { urls: vec![url], patience: Some(NOW), ..ConnectSettings::default() };
    MirrorSwitch::Connector(Box::new(Connect::new(settings).unwrap()), "mm2-source".to_owned())
}

#[test]
fn how_many_tasks_there_are_is_not_guessed() {
    let with = |switch| waited_for(with_tasks(&switch, Expected::default()));
    let status = |tasks: &str| -> &'static str {
        let connector = r#""connector":{"state":"RUNNING","worker_id":"c1:8083"}"#;
        format!(r#"{{"name":"mm2-source",{connector},"tasks":[{tasks}],"type":"source"}}"#).leak()
    };
    let silent = with(connect_that_says("500 Internal Server Error", "{}")).unwrap_err();
    assert!(may_pass(&silent), "{silent}");
    let none = with(connect_that_says("200 OK", status(""))).unwrap_err();
    assert!(may_pass(&none) && none.to_string().contains("it has no tasks"), "{none}");
    let two = r#"{"id":0,"state":"RUNNING","worker_id":"c1:8083"},{"id":1,"state":"RUNNING","worker_id":"c2:8083"}"#;
    let known = with(connect_that_says("200 OK", status(two))).unwrap();
    assert_eq!((known.tasks, known.worker_hosts), (Some(2), vec!["c1:8083".into(), "c2:8083".into()]));
    assert_eq!(with(MirrorSwitch::None("why".into())).unwrap(), Expected::default());
}
