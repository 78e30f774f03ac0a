//! What a Prometheus does that is none, or not well.

use std::collections::BTreeMap;
use std::time::Instant;

use mm2_metrics::{Expected, MetricsError, Prometheus, PrometheusSettings, Window};
use mm2_slo::Signal;
use mm2_slo::finding::Missing;
use secrecy::SecretString;
use wiremock::ResponseTemplate;

use crate::fake::{Fake, Store, ours_ms, slow};
use crate::naming::of;
use crate::site::{KAFKA_3_9, Site, expected};

async fn refused(answer: ResponseTemplate) -> MetricsError {
    Fake::that_says(answer).await.prometheus().find(&expected(), ours_ms()).await.unwrap_err()
}

#[tokio::test]
async fn an_empty_prometheus_is_a_report_and_no_error() {
    let fake = Fake::with(Store::default()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let found = signals.found();
    assert!(found.signals.iter().all(|it| it.missing == Some(Missing::NotExported) && it.query.is_none()));
    assert!(
        found.notes[0].starts_with("no metric of Connect or MM2: is a JMX agent on the workers"),
        "{:?}",
        found.notes
    );
    let readings = signals.read(Site::empty().last_s(100), ours_ms()).await;
    assert!(readings.iter().all(|it| it.observed == Err(Missing::NotExported)), "{readings:?}");
    assert_eq!(readings.len(), mm2_metrics::catalogue().len());
}

#[tokio::test]
async fn what_is_no_prometheus_is_an_error_that_says_what_to_do() {
    let error = refused(ResponseTemplate::new(503).set_body_string("Service Unavailable\n")).await;
    assert!(error.to_string().contains("does not answer queries now (503: Service Unavailable)"), "{error}");
    let html = ResponseTemplate::new(200).set_body_raw("<html>Sign in</html>", "text/html");
    let error = refused(html).await;
    assert!(error.to_string().contains("is not Prometheus (200 OK, text/html)"), "{error}");
    assert!(error.to_string().contains("check [prometheus] url and its path prefix"), "{error}");
    let error = refused(ResponseTemplate::new(404).set_body_string("404 page not found")).await;
    assert!(matches!(error, MetricsError::NotPrometheus { .. }), "{error}");
    let other =
        ResponseTemplate::new(200).set_body_json(serde_json::json!({ "status": "success", "data": [1, 2] }));
    let error = refused(other).await;
    assert!(error.to_string().contains("JSON of another shape"), "{error}");
    let error = refused(ResponseTemplate::new(401)).await;
    assert!(error.to_string().contains("refuses the request without credentials"), "{error}");
    assert!(!error.is_settings());
}

#[tokio::test]
async fn nothing_there_and_nothing_in_time_are_told_apart() {
    let settings =
        PrometheusSettings { url: "http://127.0.0.1:1/".to_owned(), ..PrometheusSettings::default() };
    let error = Prometheus::new(settings).unwrap().find(&expected(), ours_ms()).await.unwrap_err();
    assert!(error.to_string().contains("Connection refused"), "{error}");
    let asked = Instant::now();
    let error = refused(slow()).await;
    assert!(error.to_string().contains("no answer in time"), "{error}");
    assert!(asked.elapsed().as_secs() < 15, "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn no_secret_is_shown() {
    let secret = || SecretString::from("sesame");
    let fake = Fake::that_says(ResponseTemplate::new(403)).await;
    let url = fake.server.uri().replace("http://", "http://mm2:sesame@");
    let cases = [
        PrometheusSettings { url, ..PrometheusSettings::default() },
        PrometheusSettings { username: Some("mm2".to_owned()), password: Some(secret()), ..fake.settings() },
        PrometheusSettings { bearer: Some(secret()), ..fake.settings() },
    ];
    for (settings, who) in cases.into_iter().zip(["as \"mm2\"", "as \"mm2\"", "with this bearer token"]) {
        let settings_shown = format!("{settings:?}");
        let prometheus = Prometheus::new(settings).unwrap();
        let error = prometheus.find(&expected(), ours_ms()).await.unwrap_err();
        assert!(error.to_string().contains(who), "{error}");
        let shown = format!("{settings_shown} {prometheus:?} {error:?} {error}");
        assert!(!shown.contains("sesame"), "{shown}");
    }
    let sent = fake.server.received_requests().await.unwrap();
    let sent: Vec<&str> = sent.iter().map(|it| it.headers["authorization"].to_str().unwrap()).collect();
    assert_eq!(sent, ["Basic bW0yOnNlc2FtZQ==", "Basic bW0yOnNlc2FtZQ==", "Bearer sesame"]);
}

#[tokio::test]
async fn a_prometheus_behind_a_path_prefix_is_asked_there() {
    let site = Site::of(KAFKA_3_9);
    let fake = Fake::with(site.store.clone()).await;
    let url = format!("{}/tenant/prometheus/", fake.server.uri());
    let prometheus = Prometheus::new(PrometheusSettings { url, ..PrometheusSettings::default() }).unwrap();
    prometheus.find(&expected(), ours_ms()).await.unwrap();
    let asked = fake.server.received_requests().await.unwrap();
    assert!(asked.iter().all(|it| it.url.path().starts_with("/tenant/prometheus/api/v1/")));
}

#[tokio::test]
async fn a_selector_that_prometheus_does_not_understand_is_an_error_of_the_chain_file() {
    let fake = Fake::with(Site::of(KAFKA_3_9).store).await;
    let with = |scope: &str, selector: &str| {
        let selectors = BTreeMap::from([(scope.to_owned(), selector.to_owned())]);
        Prometheus::new(PrometheusSettings { selectors, ..fake.settings() })
    };
    let error = with("connect", "env=prod").unwrap().find(&expected(), ours_ms()).await.unwrap_err();
    assert!(error.to_string().contains("[prometheus.selectors] connect = 'env=prod'"), "{error}");
    assert!(error.is_settings());
    assert!(matches!(with("workers", ""), Err(MetricsError::UnknownScope { .. })));
    let found = with("connect", r#"job="nobody""#)
        .unwrap()
        .find(&expected(), ours_ms())
        .await
        .unwrap()
        .found()
        .clone();
    assert!(
        found.notes[0].starts_with("no scrape target fits [prometheus.selectors] connect"),
        "{:?}",
        found.notes
    );
    assert_eq!(of(&found, Signal::BUFFER_USED).missing, Some(Missing::NoData));
}

#[tokio::test]
async fn one_query_that_fails_costs_one_signal() {
    let mut site = Site::of(KAFKA_3_9);
    site.store.times_out = Some(
        "active_count{connector=~\"\\\"?mm2-source\\\"?\",instance=~\"connect-1:9404|connect-2:9404\"}["
            .to_owned(),
    );
    site.store.warnings = vec!["partial response".to_owned()];
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    assert!(signals.found().notes.contains(&"Prometheus says: partial response".to_owned()));
    for reading in signals.read(site.last_s(200), ours_ms()).await {
        let failed = reading.observed == Err(Missing::QueryFailed);
        assert_eq!(failed, reading.signal == *Signal::ACTIVE_RECORDS, "{}", reading.signal);
        if failed {
            assert!(reading.raw.warnings[0].contains("query timed out"), "{:?}", reading.raw.warnings);
        } else if reading.observed.is_ok() {
            assert_eq!(reading.raw.warnings, ["partial response"]);
        }
    }
}

#[tokio::test]
async fn a_clock_that_differs_is_said_and_reckoned_with() {
    let mut site = Site::of(KAFKA_3_9);
    let ahead_ms = 30_000;
    site.store.ahead_ms = ahead_ms;
    for (_, samples) in &mut site.store.series {
        for (at, _) in samples {
            *at += ahead_ms;
        }
    }
    // In the last 20 s by our clock; by Prometheus' these are 50 to 30 s ago where the clocks are taken for the same.
    let since = site.until_ms + ahead_ms - 20_000;
    site.change(
        &[("__name__", "kafka_connect_source_task_metrics_source_record_active_count")],
        |_, samples| {
            for (at, value) in samples {
                *value = f64::from(u8::from(*at > since));
            }
        },
    );
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let notes = &signals.found().notes;
    assert!(notes[0].starts_with("Prometheus' clock is 30.0 s ahead of ours"), "{notes:?}");
    let readings = signals.read(site.last_s(15), ours_ms()).await;
    let active = readings.iter().find(|it| it.signal == *Signal::ACTIVE_RECORDS).unwrap();
    assert_eq!(active.panel.seen.as_ref().map(|it| it.mean), Ok(1.0));
    let newest = active.raw.series[0].samples.last().unwrap().0;
    assert!(newest.abs_diff(u64::try_from(site.until_ms).unwrap()) <= 6_000, "raw samples are on our clock");
}

#[tokio::test]
async fn a_clock_that_jumped_leaves_one_window_unjudged() {
    let site = Site::of(KAFKA_3_9);
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    assert_eq!(signals.found().notes, [""; 0]);
    // Our machine was asleep for 30 s, in the window or after it: the run's clock stood still.
    let slept_ms = 30_000;
    let (Window { from_ms, to_ms, .. }, active) = (site.last_s(60), Signal::ACTIVE_RECORDS);
    let window = Window { from_ms: from_ms - slept_ms, to_ms: to_ms - slept_ms, quiet_before_ms: 0 };
    let read = async || {
        let readings = signals.read(window, ours_ms() - slept_ms).await;
        readings.into_iter().find(|it| it.signal == *active).unwrap()
    };
    let reading = read().await;
    assert_eq!(reading.observed, Err(Missing::Gap));
    let said = &reading.raw.warnings[0];
    assert!(said.starts_with("Prometheus' clock is 30.0 s ahead of ours, and was 0.0 s"), "{said}");
    assert_eq!(reading.raw.series.len(), 4, "the samples are evidence all the same");
    let reading = read().await;
    assert_eq!((reading.observed.is_ok(), reading.raw.warnings.len()), (true, 0), "{reading:?}");
    let newest = reading.raw.series[0].samples.last().unwrap().0;
    assert!(window.to_ms - newest <= 10_000, "samples are on our clock");
}

#[tokio::test]
async fn a_prometheus_that_is_slow_is_not_asked_for_every_signal() {
    let mut site = Site::of(KAFKA_3_9);
    // Of the samples of a window; what is there is answered.
    site.store.slow = Some("s]".to_owned());
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let (before, begun) = (fake.asked().await.len(), Instant::now());
    let readings = signals.read(site.last_s(100), ours_ms()).await;
    assert!(begun.elapsed().as_secs() <= 21, "it took {:?}", begun.elapsed());
    assert!(fake.asked().await.len() - before < 10);
    for reading in readings.iter().filter(|it| it.raw.query.is_some()) {
        assert_eq!(reading.observed, Err(Missing::QueryFailed));
        assert!(reading.raw.warnings[0].contains("no answer in time"), "{:?}", reading.raw.warnings);
    }
}

#[tokio::test]
async fn a_prometheus_that_is_gone_leaves_every_signal_unread() {
    let fake = Fake::with(Site::of(KAFKA_3_9).store).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    fake.server.reset().await;
    let readings = signals.read(Site::empty().last_s(100), ours_ms()).await;
    assert!(readings.iter().all(|it| it.observed.is_err()));
    assert_eq!(readings[0].observed, Err(Missing::QueryFailed));
}

#[tokio::test]
async fn that_nobody_knows_how_many_tasks_there_are_is_said() {
    let fake = Fake::with(Site::of(KAFKA_3_9).store).await;
    let unknown = Expected { tasks: None, ..expected() };
    let found = fake.prometheus().find(&unknown, ours_ms()).await.unwrap().found().clone();
    assert!(found.notes[0].starts_with("how many tasks the connector has is not known"), "{:?}", found.notes);
}

#[tokio::test]
async fn slow_scrapes_are_warned_of() {
    let mut site = Site::of(KAFKA_3_9);
    for (_, samples) in &mut site.store.series {
        let mut n = 0;
        samples.reverse();
        samples.retain(|_| {
            n += 1;
            n % 6 == 1
        });
        samples.reverse();
    }
    let fake = Fake::with(site.store.clone()).await;
    let found = fake.prometheus().find(&expected(), ours_ms()).await.unwrap().found().clone();
    assert_eq!(found.scrape_every_ms, Some(30_000));
    assert!(found.notes[0].starts_with("scrapes are 30 s apart"), "{:?}", found.notes);
}
