//! The five kinds of JSON object that the runbook's script sends. Their content means nothing; their
//! mixture of repeated words, numbers and ids is what a codec meets in such data.

use fastrand::Rng;

use super::JSON_MIN_BYTES;
use crate::stamp::SUFFIX_LEN;

const WORDS: [&str; 20] = [
    "login",
    "logout",
    "click",
    "view",
    "search",
    "checkout",
    "mobile",
    "desktop",
    "tablet",
    "payment",
    "refund",
    "api",
    "gateway",
    "billing",
    "inventory",
    "shipping",
    "eu-west",
    "us-east",
    "primary",
    "replica",
];
const PAD_OPENING: &str = r#","pad":""#;

/// A JSON object of the `nth` kind in turn, `len` bytes long, without its closing brace.
pub(super) fn open_object(nth: usize, len: usize, rng: &mut Rng) -> Vec<u8> {
    let mut object = members(nth, rng);
    debug_assert!(object.len() + PAD_OPENING.len() < JSON_MIN_BYTES - SUFFIX_LEN, "{object}");
    object.push_str(PAD_OPENING);
    while object.len() + 1 < len {
        object.push_str(word(rng));
        object.push_str(&id(" id_", rng));
        object.push(' ');
    }
    object.truncate(len - 1);
    object.push('"');
    object.into_bytes()
}

fn members(nth: usize, rng: &mut Rng) -> String {
    let at = time(rng);
    let members = match nth % 5 {
        0 => format!(
            r#""type":"user_activity","timestamp":"{at}","user_id":"{}","action":"{}","device":"{}","session_id":"{}","ip":"{}""#,
            id("user_", rng),
            word(rng),
            word(rng),
            id("sess_", rng),
            ip(rng),
        ),
        1 => format!(
            r#""type":"system_metrics","timestamp":"{at}","host":"{}","cpu_percent":{},"memory_percent":{},"disk_percent":{},"network_mbps":{}"#,
            id("host_", rng),
            decimal(rng),
            decimal(rng),
            decimal(rng),
            decimal(rng),
        ),
        2 => format!(
            r#""type":"transaction","timestamp":"{at}","transaction_id":"{}","account":"{}","amount":{},"currency":"EUR","status":"{}""#,
            id("txn_", rng),
            id("acc_", rng),
            decimal(rng),
            word(rng),
        ),
        3 => format!(
            r#""type":"log_event","timestamp":"{at}","level":"INFO","service":"{}","message":"{} {}","trace_id":"{}","line":{}"#,
            word(rng),
            word(rng),
            word(rng),
            id("trace_", rng),
            rng.u32(1..2_000),
        ),
        _ => format!(
            r#""type":"sensor_data","timestamp":"{at}","sensor_id":"{}","location":"{}","temperature":{},"humidity":{},"battery":{}"#,
            id("sensor_", rng),
            word(rng),
            decimal(rng),
            decimal(rng),
            rng.u32(0..100),
        ),
    };
    let message = rng.u32(1_000_000..10_000_000);
    // The real time is in the stamp: a value built ahead can only look as if.
    format!(
        r#"{{{members},"_metadata":{{"generated_at":"{at}","message_id":"msg_{message}","version":"1.0","source":"mm2-ramp"}}"#
    )
}

fn word(rng: &mut Rng) -> &'static str {
    WORDS[rng.usize(..WORDS.len())]
}

fn id(prefix: &str, rng: &mut Rng) -> String {
    format!("{prefix}{}", rng.u32(1..100_000))
}

fn decimal(rng: &mut Rng) -> String {
    format!("{}.{:02}", rng.u32(0..100), rng.u32(0..100))
}

fn ip(rng: &mut Rng) -> String {
    let [a, b, c, d] = std::array::from_fn(|_| rng.u8(1..));
    format!("{a}.{b}.{c}.{d}")
}

fn time(rng: &mut Rng) -> String {
    let (hour, minute, second) = (rng.u32(0..24), rng.u32(0..60), rng.u32(0..60));
    format!("2025-01-01T{hour:02}:{minute:02}:{second:02}.{:06}+00:00", rng.u32(0..1_000_000))
}
