//! What holds of any chain in trouble.

use mm2_slo::Signal;
use proptest::prelude::*;

use super::held::{Held, calm};

/// Any chain in trouble: each figure calm, at its threshold's side or far beyond.
fn any_held() -> impl Strategy<Value = Held> {
    let names: Vec<&'static str> = calm().panels.keys().copied().collect();
    let factors = prop::collection::vec(prop_oneof![Just(1.0), Just(20.0), Just(1_000.0)], names.len());
    (factors, 0..100_000_u64, prop::option::of(0.0..6_000.0), 0..200_u64, 1..30_usize).prop_map(
        move |(factors, backlog, ack, throttle, tasks)| {
            let mut held = Held { tasks, ..Held::behind(backlog) };
            for (name, factor) in names.iter().zip(factors) {
                held.panels.get_mut(name).unwrap().1 = (calm().panels[name].1 + 0.1) * factor;
            }
            held.evidence.source.ack_p99_ms = ack;
            held.evidence.source.throttle_max_ms = Some(throttle).filter(|ms| ms % 3 > 0);
            held
        },
    )
}

proptest! {
    #[test]
    fn no_hop_is_named_without_a_figure_that_points_at_it(held in any_held()) {
        let attribution = held.attributed();
        let pointing = attribution.signs.iter().filter(|sign| sign.points).map(|sign| sign.hop);
        if let Some(hop) = attribution.hop {
            prop_assert!(pointing.clone().any(|of| of == hop), "{}", attribution);
            prop_assert!(!attribution.advice.is_empty());
        }
        prop_assert_eq!(attribution.hop.is_none(), attribution.advice.is_empty());
    }

    #[test]
    fn what_is_not_seen_any_more_names_no_hop_but_by_a_figure_that_is_left(
        held in any_held(), gone in any::<prop::sample::Index>(),
    ) {
        let before = held.attributed();
        let names: Vec<&'static str> = held.panels.keys().copied().collect();
        let gone = names[gone.index(names.len())];
        let after = held.without(&[gone]).attributed();
        if let Some(hop) = after.hop.filter(|_| before.hop != after.hop) {
            let left = after.signs.iter().any(|sign| sign.points && sign.hop == hop);
            let hid_it = before.signs.iter().any(|sign| sign.points && sign.signal == *gone && sign.hop != hop);
            prop_assert!(left && hid_it, "{} gone: {} became {}", gone, before, after);
        }
    }

    /// Less evidence leaves an effect without its explanation; it never moves it elsewhere.
    #[test]
    fn a_queue_stays_where_it_was_or_is_not_explained(
        held in any_held(), gone in any::<prop::sample::Index>(),
    ) {
        let limits = [
            Signal::PRODUCER_THROTTLE, Signal::CONSUMER_THROTTLE, Signal::WORKER_CPU, Signal::WORKER_GC,
        ];
        let mut held = held.with(&limits.map(|limit| (limit, 0.0)));
        held.evidence.source = calm().evidence.source;
        held.panels.get_mut(Signal::CONSUMER_FETCH_LATENCY).unwrap().1 = 6.0;
        let before = held.attributed();
        let names: Vec<&'static str> = held.panels.keys().copied().collect();
        let after = held.without(&[names[gone.index(names.len())]]).attributed();
        prop_assert!(after.hop.is_none() || after.hop == before.hop, "{} became {}", before, after);
    }
}
