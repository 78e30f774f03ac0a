//! Every fault as it is written, and every way to write it wrong.

use super::*;

#[test]
fn faults_are_read_and_printed_back() {
    let check = |text: &str, expect: Faults, printed: &str| {
        let read: Faults = text.parse().unwrap();
        assert_eq!(read, expect, "{text}");
        assert_eq!(read.to_string(), printed);
        assert_eq!(printed.parse(), Ok(read), "what is printed is read back");
    };
    let none = Faults::default;
    let delayed = |ms| Faults { delay: Some(Duration::from_millis(ms)), ..none() };
    let capped = |per_sec| Faults { cap_per_sec: Some(per_sec), ..none() };
    check(
        "cap=7200/s , delay = 10s",
        Faults { delay: Some(Duration::from_secs(10)), ..capped(7200) },
        "delay=10s,cap=7200/s",
    );
    check("delay=1.5s", delayed(1500), "delay=1500ms");
    check("delay=10m", delayed(600_000), "delay=600s");
    check("cap=1/s", capped(1), "cap=1/s");
    check("cap=1000000/s", capped(1_000_000), "cap=1000000/s");
    check("loss=0", Faults { loss: Some(0.0), ..none() }, "loss=0,seed=42");
    check("corrupt=1,seed=7", Faults { corrupt: Some(1.0), seed: 7, ..none() }, "corrupt=1,seed=7");
    check("reorder=1e-3", Faults { reorder: Some(0.001), ..none() }, "reorder=0.001,seed=42");
    check(
        "stall=10s,from=P3",
        Faults { stall: Some(Duration::from_secs(10)), from: Some("P3".into()), ..none() },
        "stall=10s,from=P3",
    );
    let all = "delay=1500ms,loss=0.001,duplicate=0.002,reorder=0.003,corrupt=0.004,cap=6000/s,stall=10s,seed=18446744073709551615,from=P3";
    let read: Faults = all.parse().unwrap();
    assert_eq!(read.to_string(), all);
    assert!(!read.is_none());
    assert!(none().is_none());
    assert_eq!(none().to_string(), "");
}

#[test]
fn a_wrong_fault_is_refused_with_its_part_and_the_remedy() {
    let check = |text: &str, expect: &str| {
        assert_eq!(text.parse::<Faults>().unwrap_err().to_string(), expect, "{text}");
    };
    let accepted = format!("write one of {ACCEPTED}");
    for (wrong, near) in [
        ("dealy=1s", "delay"),
        ("kap=5/s", "cap"),
        ("los=0.1", "loss"),
        ("duplicates=0.1", "duplicate"),
        ("Corrupt=0.1", "corrupt"),
        ("form=P3", "from"),
        ("stal=1s", "stall"),
    ] {
        check(wrong, &format!("`{wrong}` names no fault (did you mean {near}?); {accepted}"));
    }
    check("wobble=1s", &format!("`wobble=1s` names no fault; {accepted}"));
    check("1500ms", &format!("`1500ms` names no fault; {accepted}"));
    check("cap", "`cap` has no value; write it like cap=7200/s");
    check("delay=", "`delay=` has no value; write it like delay=1500ms");
    check("loss=0.1,from= ", "`from=` has no value; write it like from=P3");
    check("cap=5/s,cap=6/s", "`cap=6/s` is given a second time; keep one of them");
    let more = format!("write one or more of {ACCEPTED}, separated by commas");
    check("", &format!("a fault is missing in ``; {more}"));
    check("cap=5/s,", &format!("a fault is missing in `cap=5/s,`; {more}"));
    check(
        "from=P3,seed=1",
        &format!("`from=P3,seed=1` says nothing that goes wrong; write it with one or more of {ACCEPTED}"),
    );
}

#[test]
fn zero_negative_and_absurd_values_are_refused() {
    let check = |name: &str, values: &[&str], says: &str| {
        for value in values {
            let part = format!("{name}={value}");
            let error = part.parse::<Faults>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{part}` is not a {says}; write it like {name}=")),
                "{error}"
            );
        }
    };
    for name in ["delay", "stall"] {
        let values = ["0ms", "0.4ms", "-5s", "5s ago", "11m", "1500", "soon", "9999999999h", "nan"];
        check(name, &values, "time from 1ms to 10m");
    }
    for name in ["loss", "duplicate", "reorder", "corrupt"] {
        let values = ["-0.1", "1.1", "nan", "inf", "-inf", "5%", "half", "1/1000", "1e999"];
        check(name, &values, "share from 0 to 1");
    }
    let rates = ["0/s", "-5/s", "1000001/s", "99999999999/s", "7200", "7200/m", "0.5/s", "inf/s", "/s"];
    check("cap", &rates, "rate from 1/s to 1000000/s");
    check("seed", &["-1", "0.5", "x", "18446744073709551616"], "whole number");
}
