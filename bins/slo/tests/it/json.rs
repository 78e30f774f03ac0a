//! Answers of Prometheus and the own JSON format; and that the form does not change the verdict.

use serde_json::{Value, json};

use crate::{Place, fixture, slo};

const REQUESTS: &str = r#"
[[criterion]]
name = "requests"
signal = "prometheus_http_requests_total"
unit = "count"
over_series = "sum"
over_time = "increase"
go = ">= 20"
stop = "otherwise"
"#;

/// The recorded answer, changed.
fn answer(change: impl FnOnce(&mut Value)) -> String {
    let mut answer: Value = serde_json::from_str(&fixture("prometheus-requests.json")).unwrap();
    change(&mut answer);
    answer.to_string()
}

fn place(answer: &str) -> Place {
    Place::with(&[("r.toml", REQUESTS), ("a.json", answer)])
}

#[test]
fn a_recorded_answer_is_judged_by_its_metric_or_by_a_name() {
    let place = place(&fixture("prometheus-requests.json"));
    let said = place.check("--criteria r.toml --data a.json --window 30s");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    insta::assert_snapshot!("prometheus_out", said.out);
    let named = place.check("--criteria r.toml --data prometheus_http_requests_total=a.json --window 30s");
    assert_eq!((named.code, named.out), (said.code, said.out));
    place
        .check("--criteria r.toml --data requests=a.json")
        .is_usage(&["--data names `requests`, which no criterion judges"]);
}

#[test]
fn an_error_of_prometheus_is_an_error_with_its_text() {
    let said = slo(&["check", "--criteria", "prometheus.toml", "--data", "prometheus-error.json"]);
    said.is_usage(&["bad_data: 1:15: parse error: unexpected end of input inside braces"]);
}

#[test]
fn a_warning_of_prometheus_is_said_also_when_quiet() {
    let place = place(&answer(|answer| answer["warnings"] = json!(["partial response: store b"])));
    let said = place.check("--criteria r.toml --data a.json --window 30s --quiet --json");
    assert_eq!(said.code, 0);
    assert!(said.err.contains("warning: a.json: Prometheus says: partial response: store b"), "{}", said.err);
    assert!(said.out.contains("partial response: store b"), "{}", said.out);
}

#[test]
fn nothing_answered_nan_and_a_series_that_ends_withhold_go() {
    let check = |answer: &str, args: &str, code: i32| {
        let said = place(answer).check(&format!("--criteria r.toml --data {args} --window 30s --every 1s"));
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
    };
    let nothing = answer(|answer| answer["data"]["result"] = json!([]));
    check(&nothing, "prometheus_http_requests_total=a.json --from 1795506088", 30);
    let nan = answer(|answer| {
        for pair in answer["data"]["result"][1]["values"].as_array_mut().unwrap() {
            pair[1] = json!("NaN");
        }
    });
    check(&nan, "a.json", 30);
    let ends = answer(|answer| {
        answer["data"]["result"][1]["values"].as_array_mut().unwrap().truncate(22);
    });
    check(&ends, "a.json", 30);
    let one_gone = answer(|answer| {
        answer["data"]["result"].as_array_mut().unwrap().remove(0);
    });
    check(&one_gone, "a.json", 0);
    check(&one_gone, "a.json --expect prometheus_http_requests_total=2", 30);
}

#[test]
fn an_answer_that_cannot_be_a_window_is_refused() {
    let check = |text: &str, parts: &[&str]| {
        place(text).check("--criteria r.toml --data a.json").is_usage(parts);
    };
    check(&answer(|a| a["data"]["resultType"] = json!("vector")), &["a vector", "/api/v1/query_range"]);
    check(
        &answer(|a| a["data"]["result"][0]["metric"] = json!({"job": "x"})),
        &["no metric name", "--data SIGNAL="],
    );
    check(&answer(|a| a["data"]["result"][0]["values"][3][1] = json!("many")), &["`many` at 1795506091"]);
    check(
        &answer(|a| a["data"]["result"][0]["values"][3][0] = json!(1_795_506_088)),
        &["does not come after"],
    );
    check(
        &answer(|a| a["data"]["result"][0] = a["data"]["result"][1].clone()),
        &["two series `prometheus_http_requests_total{code=\"200\""],
    );
    check("<html>log in</html>", &["a.json is not JSON; it begins with `<html>"]);
    check("{\"status\": ", &["not JSON to its end"]);
    check("{}", &["neither `version`"]);
}

/// The nominal run in the own format.
fn own(change: impl FnOnce(&mut Value)) -> String {
    let mut series = [Vec::new(), Vec::new()];
    for (i, line) in fixture("nominal.csv").lines().skip(1).enumerate() {
        for (at, cell) in line.split(',').skip(1).take(2).enumerate() {
            series[at].push(json!([i * 15_000, cell.parse::<f64>().unwrap()]));
        }
    }
    let [a, b] = series;
    let mut document = json!({"version": 1, "every_ms": 15_000, "window_s": 1_800, "signals": {
        "consumer.lag": {"unit": "records", "kind": "gauge", "series": [
            {"name": "{task=\"0\"}", "samples": a}, {"name": "{task=\"1\"}", "samples": b}]},
        "nobody.asks": {"total": 3}}});
    change(&mut document);
    document.to_string()
}

/// The nominal run as Prometheus would answer it.
fn as_answer() -> String {
    let own: Value = serde_json::from_str(&own(|_| {})).unwrap();
    let series = |series: &Value| {
        let values: Vec<Value> = series["samples"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| json!([1_769_860_800.0 + pair[0].as_f64().unwrap() / 1e3, pair[1].to_string()]))
            .collect();
        let task: String = series["name"].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
        json!({"metric": {"task": task}, "values": values})
    };
    let result: Vec<Value> =
        own["signals"]["consumer.lag"]["series"].as_array().unwrap().iter().map(series).collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
}

#[test]
fn csv_own_json_and_prometheus_come_to_the_same_verdict() {
    let place = Place::nominal(&[("own.json", &own(|_| {})), ("prom.json", &as_answer())]);
    let verdict = |data: &str| {
        place.check(&format!("--criteria nominal.toml --data {data} --window 30m --json")).verdict()
    };
    let of_csv = verdict("nominal.csv");
    assert_eq!(of_csv["level"], "WARN");
    assert_eq!(of_csv["findings"][0]["value"], 23_790.0);
    assert_eq!(verdict("own.json"), of_csv);
    assert_eq!(verdict("consumer.lag=prom.json"), of_csv);
}

#[test]
fn the_own_format_says_its_window_what_is_missing_and_what_is_absent() {
    let check = |change: &dyn Fn(&mut Value), code: i32, says: &str| {
        let place = Place::nominal(&[("own.json", &own(|document| change(document)))]);
        let said = place.check("--criteria nominal.toml --data own.json");
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        let all = format!("{}{}", said.out, said.err);
        assert!(all.contains(says), "{says}: {all}");
    };
    let lag = |value: Value| move |document: &mut Value| document["signals"]["consumer.lag"] = value.clone();
    check(&|_| {}, 10, "no criterion uses `nobody.asks`");
    check(&|document| document["window_s"] = json!(3_600), 30, "of its ticks");
    let nulls = |document: &mut Value| {
        for pair in
            &mut document["signals"]["consumer.lag"]["series"][0]["samples"].as_array_mut().unwrap()[..30]
        {
            pair[1] = Value::Null;
        }
    };
    check(&nulls, 30, "INCONCLUSIVE: lag_max has 1 of 2 series");
    check(&lag(json!({"missing": "query_failed"})), 30, "the query for it failed");
    check(&lag(json!({"missing": "the disk was full"})), 30, "`consumer.lag` is missing: the disk was full");
    check(&lag(json!({"absent": "one cluster"})), 30, "SKIPPED");
    check(&lag(json!({"total": 5, "unit": "records"})), 30, "in a form that this criterion does not judge");
    check(&lag(json!({"unit": "ms", "series": []})), 30, "INCONCLUSIVE");
    check(&lag(json!({"total": 5, "missing": "both"})), 64, "signal `consumer.lag`");
    check(&|document| document["version"] = json!(2), 64, "is of version 2");
    check(&|document| document["windows_s"] = json!(2), 64, "unknown field `windows_s`");
}

#[test]
fn files_of_different_clocks_are_not_mixed() {
    let place = Place::nominal(&[("own.json", &own(|_| {})), ("prom.json", &as_answer())]);
    place
        .check("--criteria nominal.toml --data nominal.csv --data consumer.lag=prom.json")
        .is_usage(&["nominal.csv has times without a zone, prom.json has points in time"]);
    place
        .check("--criteria nominal.toml --data own.json --data own.json")
        .is_usage(&["signal `consumer.lag` is in own.json and in own.json"]);
}
