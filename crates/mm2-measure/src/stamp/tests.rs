//! The stamp survives its own writing and nothing else.

use proptest::prelude::*;

use super::*;

fn stamps() -> impl Strategy<Value = Stamp> {
    let kinds = prop_oneof![Just(Kind::Data), Just(Kind::Marker), Just(Kind::Canary)];
    let ids = (any::<u64>(), kinds, any::<u16>(), any::<u16>());
    let places = (0..MAX_SLOTS, 0..=MAX_SEQUENCE, 0..=MAX_TIME_US, 0..=MAX_TIME_US);
    (ids, places).prop_map(|((run, kind, step, producer), (slot, sequence, intended_us, sent_us))| Stamp {
        run: RunId::new(run),
        kind,
        step,
        producer,
        slot,
        sequence,
        intended_us,
        sent_us,
    })
}

fn example() -> Stamp {
    Stamp {
        run: RunId::new(0x0000_00c0_ffee_0001),
        kind: Kind::Data,
        step: 3,
        producer: 1,
        slot: 119,
        sequence: 4_711,
        intended_us: 1_760_000_000_000_000,
        sent_us: 1_760_000_000_000_250,
    }
}

fn stamped(len: usize) -> Vec<u8> {
    let mut value = vec![b'x'; len];
    example().write(&mut value);
    value
}

proptest! {
    #[test]
    fn what_is_written_is_read(stamp in stamps(), mut value in prop::collection::vec(any::<u8>(), SUFFIX_LEN..400)) {
        let payload = value[..value.len() - SUFFIX_LEN].to_vec();
        stamp.write(&mut value);
        prop_assert_eq!(Stamp::read(&value), Ok(stamp));
        prop_assert!(value.starts_with(&payload));
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(value in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(Stamp::read(&value), Err(Unreadable::NoStamp));
    }
}

#[test]
fn what_a_value_is_for_can_be_seen_without_its_checksum() {
    for kind in [Kind::Data, Kind::Marker, Kind::Canary] {
        let mut value = vec![b'x'; SUFFIX_LEN + 5];
        Stamp { kind, ..example() }.write(&mut value);
        value[0] ^= 1;
        assert_eq!(Kind::of(&value), Some(kind));
        assert_eq!(Kind::of(&value[1..]), Some(kind), "it is at the end");
        assert_eq!(Kind::of(&value[..value.len() - 1]), None);
    }
    assert_eq!(Kind::of(b""), None);
}

#[test]
fn the_format_is_as_documented() {
    let value = stamped(SUFFIX_LEN);
    let text = std::str::from_utf8(&value).unwrap();
    assert_eq!(SUFFIX_LEN, 80, "100-byte records must be possible");
    let (before_crc, crc) = text.split_at(SUFFIX_LEN - 10);
    let fields =
        ["00c0ffee0001", "d", "0003", "0001", "00077", "000001267", "640b5eece0000", "640b5eece00fa"];
    assert_eq!(before_crc, format!(r#","_mm2":"{}"#, fields.concat()));
    assert_eq!(crc, format!(r#"{:08x}"}}"#, crc32fast::hash(before_crc.as_bytes())));
}

#[test]
fn a_change_of_any_byte_is_noticed() {
    let value = stamped(120);
    for at in 0..value.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut damaged = value.clone();
            damaged[at] ^= flip;
            assert!(Stamp::read(&damaged).is_err(), "byte {at} ^ {flip:#x} went unnoticed");
        }
    }
}

#[test]
fn damage_in_the_payload_still_tells_which_record_it_was() {
    let mut value = stamped(120);
    value[0] ^= 1;
    assert_eq!(Stamp::read(&value), Err(Unreadable::Checksum(example())));
}

#[test]
fn damage_in_the_digits_is_malformed_and_a_cut_value_has_no_stamp() {
    let mut value = stamped(120);
    value[60] = b'Z';
    assert_eq!(Stamp::read(&value), Err(Unreadable::Malformed));
    assert_eq!(Stamp::read(&stamped(120)[..119]), Err(Unreadable::NoStamp));
    assert_eq!(Stamp::read(b""), Err(Unreadable::NoStamp));
}

#[test]
fn the_time_of_sending_is_read_without_the_rest() {
    let mut value = stamped(300);
    assert_eq!(Stamp::sent_us_of(&value), Some(example().sent_us));
    value[0] ^= 1;
    assert_eq!(Stamp::sent_us_of(&value), Some(example().sent_us), "the checksum is nobody's concern here");
    for other in [&b""[..], b"no stamp", &value[1..SUFFIX_LEN], &[b'a'; 300]] {
        assert_eq!(Stamp::sent_us_of(other), None);
    }
}

#[test]
fn a_run_id_is_48_bits_in_12_hex_digits_and_fresh_ones_differ() {
    assert_eq!(RunId::new(u64::MAX).to_string(), "ffffffffffff");
    assert_eq!(RunId::new(0xab).to_string(), "0000000000ab");
    assert_ne!(RunId::fresh(), RunId::fresh());
}
