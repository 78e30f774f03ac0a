//! Values have the size asked for, stay what they were, and take a stamp.

use fastrand::Rng;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use serde_json::Value;

use super::*;
use crate::stamp::{Kind, RunId, Stamp};

fn stamp() -> Stamp {
    Stamp {
        run: RunId::new(7),
        kind: Kind::Data,
        step: 1,
        producer: 0,
        slot: 2,
        sequence: 3,
        intended_us: 4,
        sent_us: 5,
    }
}

fn stamped(payloads: &Payloads, i: u64) -> Vec<u8> {
    let mut buffer = Vec::new();
    payloads.fill(i, &mut buffer);
    stamp().write(&mut buffer);
    assert_eq!(Stamp::read(&buffer), Ok(stamp()));
    buffer
}

fn stamped_sample(sample: &str) -> String {
    let payloads = Payloads::samples(vec![sample.into()]).unwrap();
    String::from_utf8(stamped(&payloads, 0)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn stamped_json_is_json_of_the_size_asked_for(size in JSON_MIN_BYTES..3_000, seed in any::<u64>()) {
        let payloads = Payloads::json(size, seed).unwrap();
        for i in 0..payloads.count() as u64 {
            let value = stamped(&payloads, i);
            prop_assert_eq!(value.len(), size);
            let json: Value = serde_json::from_slice(&value).unwrap();
            for member in ["generated_at", "message_id", "version", "source"] {
                prop_assert!(json["_metadata"][member].is_string(), "{}", json);
            }
        }
    }

    #[test]
    fn random_values_have_the_size_asked_for(size in RANDOM_MIN_BYTES..3_000, seed in any::<u64>()) {
        prop_assert_eq!(stamped(&Payloads::random(size, seed).unwrap(), 1).len(), size);
    }
}

#[test]
fn the_smallest_json_record_still_has_room_to_spare() {
    // `JSON_MIN_BYTES` is a promise over all seeds; the widest values of a kind are a matter of luck.
    let mut rng = Rng::with_seed(0);
    let widest = (0..50_000).map(|nth| json::open_object(nth, JSON_MIN_BYTES - SUFFIX_LEN, &mut rng));
    for object in widest {
        let text = String::from_utf8(object).unwrap() + "}";
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    }
}

#[test]
fn all_five_kinds_take_turns() {
    let payloads = Payloads::json(1_024, 1).unwrap();
    let kinds: Vec<String> = (0..5)
        .map(|i| serde_json::from_slice::<Value>(&stamped(&payloads, i)).unwrap()["type"].to_string())
        .collect();
    assert_eq!(
        kinds,
        [
            r#""user_activity""#,
            r#""system_metrics""#,
            r#""transaction""#,
            r#""log_event""#,
            r#""sensor_data""#
        ]
    );
}

#[test]
fn the_same_seed_yields_the_same_values_and_another_seed_others() {
    let values = |seed| Payloads::json(512, seed).unwrap().values;
    assert_eq!(values(1), values(1));
    assert_ne!(values(1), values(2));
    assert_ne!(Payloads::random(512, 1).unwrap().values, Payloads::random(512, 2).unwrap().values);
}

#[test]
fn no_record_repeats_within_a_batch() {
    // librdkafka's, which hold flat out.
    let (batch_bytes, batch_records) = (1_000_000, 10_000);
    for size in [100, 1_024, 10_000, 200_000] {
        for payloads in [Payloads::random(size, 1), Payloads::letters(size, 1)] {
            let payloads = payloads.unwrap();
            let different: std::collections::BTreeSet<_> = payloads.values.iter().collect();
            assert_eq!(different.len(), payloads.count(), "{size} bytes");
            assert!(different.len() >= batch_records.min(batch_bytes / size), "{size}: {}", different.len());
        }
    }
}

#[test]
fn hundred_byte_records_are_possible_and_less_than_a_stamp_is_refused_with_the_minimum() {
    assert!(Payloads::random(100, 0).is_ok());
    let refused = Payloads::random(RANDOM_MIN_BYTES - 1, 0).unwrap_err().to_string();
    assert_eq!(refused, "a record of 79 bytes is too small for a stamp: it takes at least 80 bytes");
    let refused = Payloads::json(JSON_MIN_BYTES - 1, 0).unwrap_err().to_string();
    assert_eq!(
        refused,
        "a record of 399 bytes is too small for a stamped JSON object: it takes at least 400 bytes"
    );
}

#[test]
fn json_samples_take_the_stamp_as_their_last_member() {
    for sample in [r#"{"a":1}"#, " {\"a\": {}}\n", "{}", "{ }"] {
        let json: Value = serde_json::from_str(&stamped_sample(sample)).unwrap();
        assert!(json["_mm2"].is_string(), "{sample} became {json}");
        assert!(sample.contains('a') == json.get("a").is_some());
    }
}

#[test]
fn other_samples_are_kept_whole_before_the_stamp() {
    for sample in ["plain text", "", "[1,2]", "not { json }"] {
        let value = stamped_sample(sample);
        assert_eq!(value.len(), sample.len() + SUFFIX_LEN);
        assert!(value.starts_with(sample));
    }
    assert_eq!(Payloads::samples(Vec::new()).unwrap_err(), PayloadError::NoSamples);
}

#[test]
fn keys_run_from_1_to_1000_and_again() {
    let mut buffer = b"something longer".to_vec();
    for (i, expected) in [(0, "key_1"), (999, "key_1000"), (1_000, "key_1")] {
        key(i, &mut buffer);
        assert_eq!(buffer, expected.as_bytes());
    }
}

#[test]
fn letters_have_the_size_asked_for_and_no_room_for_a_stamp() {
    let payloads = Payloads::letters(10, 1).unwrap();
    assert!(!payloads.are_stamped());
    assert!(payloads.count() >= 20);
    for i in 0..20 {
        assert_eq!(payloads.value(i).len(), 10);
        assert!(payloads.value(i).iter().all(u8::is_ascii_uppercase));
    }
    assert_ne!(payloads.value(0), payloads.value(1));
    assert!(Payloads::letters(0, 1).is_err());
}

#[test]
fn verbatim_values_go_out_to_the_byte() {
    let payloads = Payloads::verbatim(vec![b"{}".to_vec(), b"b ".to_vec()]).unwrap();
    assert!(!payloads.are_stamped());
    assert_eq!((payloads.value(0), payloads.value(3)), (b"{}".as_slice(), b"b ".as_slice()));
    assert_eq!(Payloads::verbatim(Vec::new()).err(), Some(PayloadError::NoSamples));
}
