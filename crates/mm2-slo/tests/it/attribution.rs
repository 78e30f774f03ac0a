//! Which hop a step's evidence points at: each hop made to saturate by hand, with figures that were seen or could be.

mod held;
mod laws;

use std::collections::BTreeMap;

use mm2_slo::attribution::{Action, Attribution, Hop, attribute};
use mm2_slo::evidence::ConnectEvidence;
use mm2_slo::{
    CriterionName as Name, Missing, Observation, Observations, Outcome, Reason, Series, Signal, Source, Unit,
    Verdict,
};

use self::held::{
    HOLD_S, Held, LOOKS_BACK_MS, backlog_grows, busy_workers, calm, full_buffers, late_generator,
    little_heap, slow_fetches, slow_reading, slow_source, slow_target, small_batches, throttled_reading,
    throttled_source, under_a_quota, verdict,
};
use crate::sample::{finding, p3};

#[test]
fn each_hop_is_named_by_what_saturates_in_it() {
    let check = |held: Held, hop: Hop, deciding: &str, first: &str| {
        let attribution = held.attributed();
        assert_eq!(attribution.hop, Some(hop), "{attribution}");
        let sign = &attribution.signs[0];
        assert_eq!((sign.hop, sign.signal.as_str(), sign.points), (hop, deciding, true), "{attribution}");
        assert_eq!(attribution.advice[0].to_string(), first);
        assert!(attribution.blind.is_empty(), "{:?}", attribution.blind);
    };
    let batch_size = "a higher producer.override.batch.size";
    let lift = |whose: &str| format!("lifting the {whose}");
    check(late_generator(), Hop::Generator, Signal::LOAD_SLIP, "a less busy host for the generator");
    check(throttled_source(), Hop::Source, Signal::SOURCE_THROTTLE, &lift("source's quota on our generator"));
    let brokers = |side: &str| format!("looking at the {side}'s brokers (disk, network, replication)");
    check(slow_source(), Hop::Source, Signal::SOURCE_ACK, &brokers("source"));
    check(
        throttled_reading(),
        Hop::Source,
        Signal::CONSUMER_THROTTLE,
        &lift("source's quota on MM2's consumers"),
    );
    check(slow_fetches(), Hop::Source, Signal::CONSUMER_FETCH_LATENCY, &brokers("source"));
    check(slow_reading(), Hop::Fetch, Signal::CONSUMER_LAG, "a higher tasks.max");
    check(busy_workers(), Hop::Worker, Signal::WORKER_CPU, "more workers or processors");
    check(little_heap(), Hop::Worker, Signal::WORKER_GC, "more heap for the workers");
    // Seen at the lab's knee, 75 938/s: workers of 512 MiB that collected for 62 % of the time.
    let knee = little_heap().with(&[(Signal::WORKER_CPU, 100.0), (Signal::WORKER_GC, 62.5)]);
    check(knee, Hop::Worker, Signal::WORKER_CPU, "more heap for the workers");
    check(small_batches(), Hop::Produce, Signal::ACTIVE_RECORDS, batch_size);
    check(full_buffers(), Hop::Produce, Signal::BUFFER_WAIT, batch_size);
    check(slow_target(), Hop::Target, Signal::PRODUCER_REQUEST_LATENCY, &brokers("target"));
    check(
        under_a_quota(),
        Hop::Target,
        Signal::PRODUCER_THROTTLE,
        &lift("target's quota on MM2's producers"),
    );
}

#[test]
fn on_the_terminal_it_is_one_phrase() {
    let check = |held: Held, expect: &str| assert_eq!(held.attributed().to_string(), expect);
    check(
        small_batches(),
        "limited by MM2's producers: 38,000 records in flight, batches queued for 2,900 ms, batches full at 15,570 \
         bytes, request latency 4 ms; try a higher producer.override.batch.size, a higher \
         producer.override.linger.ms",
    );
    check(
        under_a_quota(),
        "limited by the target: producers throttled by the target for up to 1,381 ms; try lifting the target's \
         quota on MM2's producers, producer.override.compression.type",
    );
    check(Held::behind(60_000), "not determined: no figure points at a hop");
    check(
        slow_reading().without(&[Signal::BUFFER_WAIT, Signal::BUFFER_USED]),
        "not determined: 5,000 records of a partition unread (MM2 reading the source); not seen: \
         producer.buffer_wait, producer.buffer_used",
    );
}

#[test]
fn a_chain_that_keeps_up_and_records_that_went_wrong_need_no_explanation() {
    let check = |verdict: Verdict, wanted: bool| {
        let held = Held { verdict: verdict.clone(), ..under_a_quota() };
        let got = attribute(&p3(), &held.evidence, &held.seen(), &verdict);
        assert_eq!(got.is_some(), wanted, "{verdict:?}");
    };
    let beyond = &Reason::BeyondLimit;
    check(verdict(Name::BACKLOG, Outcome::Go, &Reason::WithinLimit), false);
    check(verdict(Name::BACKLOG, Outcome::Warn, beyond), true);
    check(verdict(Name::MM2_LATENCY_MAX, Outcome::Warn, beyond), true);
    check(verdict(Name::UNSEEN, Outcome::Stop, &Reason::NotRecovered { limit_s: 120.0 }), true);
    let explained = Reason::ExplainedByRestart { allowed: 50_000, flush_interval_known: true };
    check(verdict(Name::DUPLICATES, Outcome::Warn, &explained), false);
    check(verdict(Name::LOST, Outcome::Stop, beyond), false);
    check(verdict(Name::P99_LATENCY, Outcome::Inconclusive, &Reason::TooShort { hold_needed_s: 30 }), false);
    check(verdict(Name::P99_LATENCY, Outcome::Inconclusive, &Reason::MaskedByGeneratorSlip), true);
    check(Verdict::of(vec![]), false);
}

#[test]
fn two_hops_that_do_not_explain_each_other_are_not_told_apart() {
    let check = |held: Held, both: [Hop; 2]| {
        let attribution = held.attributed();
        assert_eq!((attribution.hop, attribution.advice.len()), (None, 0), "{attribution}");
        for hop in both {
            assert!(attribution.signs.iter().any(|sign| sign.points && sign.hop == hop), "{attribution}");
        }
    };
    let mut quotas = under_a_quota().with(&[(Signal::PRODUCER_THROTTLE, 200.0)]);
    check(quotas.clone().with(&[(Signal::CONSUMER_THROTTLE, 300.0)]), [Hop::Source, Hop::Target]);
    check(quotas.clone().with(&[(Signal::WORKER_CPU, 99.0)]), [Hop::Worker, Hop::Target]);
    quotas.evidence.source.throttle_max_ms = Some(400);
    check(quotas, [Hop::Source, Hop::Target]);
    let both_long = under_a_quota().with(&[(Signal::CONSUMER_THROTTLE, 900.0)]);
    check(both_long, [Hop::Source, Hop::Target]);
    let mut slow = slow_target();
    slow.evidence.source.ack_p99_ms = Some(2_900.0);
    check(slow.clone(), [Hop::Source, Hop::Target]);
    // Nor does it help that one of them was not looked at to the end.
    check(slow.without(&[Signal::WORKER_CPU]), [Hop::Source, Hop::Target]);
}

#[test]
fn a_limit_comes_before_a_queue_and_what_is_behind_before_what_is_in_front() {
    let check = |held: Held, hop: Hop| assert_eq!(held.attributed().hop, Some(hop), "{}", held.attributed());
    // A throttle that is long by itself; what the judge does not hold against the source makes no backlog.
    let mut quotas = under_a_quota();
    quotas.evidence.source.throttle_max_ms = Some(400);
    check(quotas, Hop::Target);
    check(under_a_quota().with(&[(Signal::CONSUMER_THROTTLE, 60.0)]), Hop::Target);
    let mut quota_and_slow_source = under_a_quota();
    quota_and_slow_source.evidence.source.ack_p99_ms = Some(2_900.0);
    check(quota_and_slow_source, Hop::Target);
    check(under_a_quota().with(&[(Signal::WORKER_CPU, 97.0)]), Hop::Target);
    check(full_buffers().with(&[(Signal::PRODUCER_REQUEST_LATENCY, 120.0)]), Hop::Target);
}

/// 38 000 records are queued in MM2's producers, and the source once held us back a little.
#[test]
fn the_source_holds_us_back_where_the_judge_says_so_or_nothing_queues_behind_it() {
    let slightly = |mut held: Held| {
        held.evidence.source.throttle_max_ms = Some(50);
        held
    };
    assert_eq!(slightly(small_batches()).attributed().hop, None);
    assert_eq!(slightly(Held::behind(900)).attributed().hop, Some(Hop::Source));
    let stop = |criterion, reason| finding(criterion, Outcome::Stop, &reason);
    let both = Verdict::of(vec![
        stop(Name::SUSTAINED, Reason::BeyondLimit),
        stop(Name::DELIVERED, Reason::SourceLimited),
    ]);
    assert_eq!(slightly(Held { verdict: both, ..small_batches() }).attributed().hop, Some(Hop::Source));

    let failed = |records: u64, verdict: Verdict| {
        let mut held = Held { verdict, ..small_batches() };
        held.evidence.load.failed = records;
        held.attributed().hop
    };
    assert_eq!(failed(1, backlog_grows()), Some(Hop::Produce), "1 of 300 000 is an accident");
    assert_eq!(failed(3_000, backlog_grows()), None, "1 %");
    let refused = verdict(Name::SLIP, Outcome::Stop, &Reason::SourceLimited);
    assert_eq!(failed(1, refused), Some(Hop::Source));
}

#[test]
fn one_scrape_of_a_throttle_is_none_and_a_short_one_excludes_nothing() {
    let throttled = |held: &Held, samples: &dyn Fn(u64) -> f64| {
        let ticks = (0..=12).map(|tick| (tick * 15_000, samples(tick))).collect();
        let throttle = Source::gauge(Unit::Ms, 15_000).series([Series::new("0", ticks)]);
        let seen = held.seen().with(Signal::PRODUCER_THROTTLE, Observation::Sampled(throttle));
        attribute(&p3(), &held.evidence, &seen, &held.verdict).unwrap().hop
    };
    let once = |ms: f64| move |tick| if tick == 9 { ms } else { 0.0 };
    let busy = small_batches().with(&[(Signal::WORKER_CPU, 99.0)]);
    assert_eq!(throttled(&busy, &once(10.0)), Some(Hop::Worker));
    assert_eq!(throttled(&busy, &|_| 10.0), Some(Hop::Worker));
    assert_eq!(throttled(&small_batches(), &once(400.0)), Some(Hop::Produce));
    assert_eq!(throttled(&small_batches(), &|_| 9.0), Some(Hop::Produce));
    assert_eq!(throttled(&small_batches(), &|_| 10.0), None, "a quota may be why");
    assert_eq!(throttled(&small_batches(), &|_| 50.0), Some(Hop::Target));
}

/// Workers, brokers and generator on one small host: 98 to 99 % at 10 000/s, and all else as it should be.
#[test]
fn full_processors_are_named_with_their_figure_where_all_else_is_calm() {
    let check = |cpu: f64, verdict: Verdict| {
        let held = Held { verdict, ..calm() }.with(&[(Signal::WORKER_CPU, cpu)]);
        let attribution = held.attributed();
        assert_eq!(attribution.hop, Some(Hop::Worker), "{attribution}");
        let sign = &attribution.signs[0];
        assert_eq!((sign.signal.as_str(), sign.value, sign.points), (Signal::WORKER_CPU, cpu, true));
        assert!(attribution.signs[1..].iter().all(|sign| !sign.points), "{attribution}");
    };
    let cpu = |outcome, limit, advisory| {
        let mut cpu = finding(Name::WORKER_CPU, outcome, &Reason::BeyondLimit);
        (cpu.limit, cpu.advisory) = (Some(limit), advisory);
        cpu
    };
    check(98.5, Verdict::of(vec![cpu(Outcome::Stop, 95.0, false)]));
    check(98.5, Verdict::of(vec![cpu(Outcome::Warn, 95.0, true)]));
    check(85.0, Verdict::of(vec![cpu(Outcome::Warn, 80.0, false)]));
    for knee in [Name::P99_LATENCY, Name::SUSTAINED] {
        let knee = finding(knee, Outcome::Stop, &Reason::BeyondLimit);
        check(99.0, Verdict::of(vec![knee, cpu(Outcome::Warn, 95.0, true)]));
    }
}

#[test]
fn processors_that_decided_weigh_more_than_a_short_throttle_and_not_more_than_a_long_one() {
    let of_cpu = verdict(Name::WORKER_CPU, Outcome::Stop, &Reason::BeyondLimit);
    let throttled = |ms| {
        let held = Held { verdict: of_cpu.clone(), ..calm() };
        held.with(&[(Signal::WORKER_CPU, 99.0), (Signal::PRODUCER_THROTTLE, ms)]).attributed().hop
    };
    assert_eq!(throttled(100.0), Some(Hop::Worker));
    assert_eq!(throttled(1_381.0), None);
    // A WARN of theirs points where it alone decided.
    let mut warned = finding(Name::WORKER_CPU, Outcome::Warn, &Reason::BeyondLimit);
    warned.limit = Some(80.0);
    let with_backlog = Verdict::of(vec![finding(Name::BACKLOG, Outcome::Warn, &Reason::BeyondLimit), warned]);
    let held = Held { verdict: with_backlog, ..small_batches() }.with(&[(Signal::WORKER_CPU, 85.0)]);
    assert_eq!(held.attributed().hop, Some(Hop::Produce));
}

/// Most of a small backlog is in flight in any chain: that is no reason for larger batches.
#[test]
fn memory_that_alone_decided_is_answered_with_memory() {
    let mut memory = finding(Name::WORKER_MEMORY, Outcome::Warn, &Reason::BeyondLimit);
    memory.limit = Some(85.0);
    let mut held = small_batches();
    held.panels.insert(Signal::WORKER_MEMORY, (Unit::Percent, 91.0));
    held.verdict = Verdict::of(vec![memory.clone()]);
    assert_eq!(
        held.attributed().to_string(),
        "limited by the Connect workers: worker memory 91 %; try more memory for the workers' hosts, or less on them"
    );
    assert_eq!(held.attributed().signs.len(), 1);
    assert_eq!(held.clone().without(&[Signal::WORKER_MEMORY]).attributed().hop, None);
    let backlog = finding(Name::BACKLOG, Outcome::Warn, &Reason::BeyondLimit);
    held.verdict = Verdict::of(vec![backlog, memory]);
    assert_eq!(held.attributed().hop, Some(Hop::Produce), "load decided, too");
}

#[test]
fn records_in_flight_are_many_by_what_a_chain_that_keeps_up_has_under_way() {
    let in_flight = |backlog: u64, each: f64, p50_ms: f64| {
        let mut held = Held::behind(backlog).with(&[(Signal::ACTIVE_RECORDS, each)]);
        held.evidence.latency.as_mut().unwrap().intended.p50 = p50_ms;
        held.attributed().hop
    };
    // 5 000/s at 300 ms: 1 500 records are under way, and more than half of what is not there yet.
    assert_eq!(in_flight(2_500, 1_000.0, 300.0), None);
    assert_eq!(in_flight(2_500, 1_000.0, 24.0), Some(Hop::Produce));
    assert_eq!(in_flight(6_000, 2_000.0, 300.0), Some(Hop::Produce));
    // A median of 4 s is that of the backlog.
    assert_eq!(in_flight(40_000, 15_000.0, 4_000.0), Some(Hop::Produce));
}

#[test]
fn tasks_that_have_their_peaks_in_turn_have_not_as_much_in_flight_at_once() {
    let held = Held::behind(8_000);
    let scraped = |offset_ms: u64, every: usize, peak_of: &dyn Fn(u64, u64) -> bool| {
        let task = |task: u64| {
            let sample = |tick: u64| {
                (tick * 15_000 + task * offset_ms, if peak_of(task, tick) { 2_500.0 } else { 30.0 })
            };
            let every = if task == 1 { every } else { 1 };
            Series::new(format!("{task}"), (0..=11).step_by(every).map(sample).collect())
        };
        let active = Source::gauge(Unit::Records, 15_000).expect(2).series([task(0), task(1)]);
        let seen = held.seen().with(Signal::ACTIVE_RECORDS, Observation::Sampled(active));
        attribute(&p3(), &held.evidence, &seen, &held.verdict).unwrap().hop
    };
    for offset_ms in [0, 7_000] {
        assert_eq!(scraped(offset_ms, 1, &|task, tick| tick / 4 == task), None, "one after the other");
        assert_eq!(scraped(offset_ms, 1, &|_, tick| tick / 4 == 1), Some(Hop::Produce), "at once");
    }
    assert_eq!(scraped(0, 2, &|_, tick| tick / 4 == 1), Some(Hop::Produce), "a scrape that comes late");
}

#[test]
fn where_connect_could_not_be_asked_a_restart_is_not_excluded() {
    let asked = |connect: ConnectEvidence| {
        let mut held = slow_reading();
        held.evidence.connect = connect;
        let attribution = held.attributed();
        (attribution.hop, attribution.blind == [Signal::from(Signal::CONNECT_RESTART)])
    };
    let polled = |answered, unanswered| ConnectEvidence::Polled {
        answered,
        unanswered,
        restart_seen: false,
        flush_interval_ms: None,
        exactly_once: false,
    };
    assert_eq!(asked(ConnectEvidence::Absent { why: "no REST here".to_owned() }), (None, true));
    assert_eq!(asked(polled(0, 180)), (None, true));
    assert_eq!(asked(polled(80, 100)), (None, true), "most of the time nobody looked");
    assert_eq!(asked(polled(170, 10)), (Some(Hop::Fetch), false));
}

#[test]
fn what_decided_is_explained_and_not_what_stands_beside_it() {
    let explained = |findings: Vec<(&str, Outcome)>| {
        let findings = findings.into_iter().map(|(name, level)| finding(name, level, &Reason::BeyondLimit));
        let held = Held { verdict: Verdict::of(findings.collect()), ..slow_target() };
        attribute(&p3(), &held.evidence, &held.seen(), &held.verdict).map(|attribution| attribution.hop)
    };
    let (stop, warn) = (Outcome::Stop, Outcome::Warn);
    assert_eq!(explained(vec![(Name::LOST, stop), (Name::BACKLOG, warn)]), None);
    assert_eq!(explained(vec![(Name::LOST, stop), (Name::BACKLOG, stop)]), Some(Some(Hop::Target)));
    assert_eq!(explained(vec![(Name::DUPLICATES, warn), (Name::BACKLOG, warn)]), Some(Some(Hop::Target)));
    assert_eq!(explained(vec![("of_a_plan", stop), (Name::BACKLOG, warn)]), None);
}

#[test]
fn a_late_send_is_ours_only_where_the_judge_says_so() {
    let mut held = throttled_source();
    held.evidence.load.slip_p99_ms = Some(900.0);
    assert_eq!(held.attributed().hop, Some(Hop::Source));
}

#[test]
fn a_queue_is_not_explained_while_a_cause_behind_it_was_not_seen() {
    let check = |held: Held, missing: &[&str]| {
        let attribution = held.without(missing).attributed();
        assert_eq!(attribution.hop, None, "{missing:?}: {attribution}");
        assert_eq!(attribution.blind, missing.iter().map(|name| Signal::from(*name)).collect::<Vec<_>>());
    };
    check(small_batches(), &[Signal::PRODUCER_THROTTLE]);
    check(small_batches(), &[Signal::WORKER_CPU]);
    check(small_batches(), &[Signal::PRODUCER_REQUEST_LATENCY]);
    check(slow_target(), &[Signal::WORKER_CPU]);
    check(slow_reading(), &[Signal::CONSUMER_THROTTLE]);
    check(slow_reading(), &[Signal::CONSUMER_FETCH_LATENCY]);
    check(slow_reading(), &[Signal::ACTIVE_RECORDS]);
    check(slow_reading(), &[Signal::BUFFER_WAIT, Signal::BUFFER_USED]);
    // A limit needs no such thing.
    let alone = |hit: &str| {
        let calm = calm();
        let rest: Vec<&str> = calm.panels.keys().copied().filter(|signal| *signal != hit).collect();
        under_a_quota().with(&[(Signal::WORKER_CPU, 97.0)]).without(&rest).attributed().hop
    };
    assert_eq!(alone(Signal::PRODUCER_THROTTLE), Some(Hop::Target));
    assert_eq!(alone(Signal::WORKER_CPU), Some(Hop::Worker));
}

#[test]
fn without_any_panel_nothing_of_the_chain_is_determined_and_all_is_named_that_was_missing() {
    let held = Held { panels: BTreeMap::new(), ..under_a_quota() };
    let attribution = held.attributed();
    assert_eq!((attribution.hop, attribution.advice.len()), (None, 0));
    assert!(attribution.signs.iter().all(|sign| !sign.points), "{attribution}");
    assert_eq!(attribution.blind.len(), 12, "{:?}", attribution.blind);
    let said = Observations::over(HOLD_S).missing(Signal::WORKER_CPU, Missing::QueryFailed);
    let attribution = attribute(&p3(), &held.evidence, &said, &held.verdict).unwrap();
    assert_eq!(attribution.hop, None);
}

#[test]
fn a_part_of_a_figure_can_point_and_cannot_calm() {
    let with = |held: &Held, signal: &'static str, source: Source, series: Vec<Series>| {
        let seen = held.seen().with(signal, Observation::Sampled(source.series(series)));
        attribute(&p3(), &held.evidence, &seen, &held.verdict).unwrap()
    };
    let percent = Source::gauge(Unit::Percent, 15_000);
    let ticks = |from: u64, value: f64| (from..=12).map(|tick| (tick * 15_000, value)).collect::<Vec<_>>();
    let one_worker = |value: f64| vec![Series::new("w1", ticks(0, value))];
    let (calm, busy) = (one_worker(40.0), one_worker(99.0));
    let held = small_batches();
    assert_eq!(with(&held, Signal::WORKER_CPU, percent.expect(2), busy).hop, Some(Hop::Worker));
    let half = with(&held, Signal::WORKER_CPU, percent.expect(2), calm.clone());
    assert_eq!((half.hop, half.blind.as_slice()), (None, &[Signal::from(Signal::WORKER_CPU)][..]));
    assert_eq!(with(&held, Signal::WORKER_CPU, percent.expect(1), calm).hop, Some(Hop::Produce));
    let late = vec![Series::new("w1", ticks(11, 40.0))];
    assert_eq!(with(&held, Signal::WORKER_CPU, percent, late).hop, None, "2 ticks of 13");
    let nan = vec![Series::new("w1", ticks(0, f64::NAN))];
    assert_eq!(with(&held, Signal::WORKER_CPU, percent, nan).hop, None);
    let other_unit = vec![Series::new("w1", ticks(0, 40.0))];
    let bytes = Source::gauge(Unit::Bytes, 15_000);
    assert_eq!(with(&held, Signal::WORKER_CPU, bytes, other_unit).hop, None);
    let of_before = vec![(0..=12).map(|tick| (tick * 15_000, if tick < 6 { 900.0 } else { 0.0 })).collect()];
    let of_before = of_before.into_iter().map(|samples| Series::new("0", samples)).collect();
    let throttle = Source::gauge(Unit::Ms, 15_000).looks_back(LOOKS_BACK_MS);
    assert_eq!(with(&held, Signal::PRODUCER_THROTTLE, throttle, of_before).hop, Some(Hop::Produce));
    let peak = (0..=12).map(|tick| (tick * 15_000, if tick == 5 { 100.0 } else { 40.0 })).collect();
    let peak = with(&held, Signal::WORKER_CPU, percent, vec![Series::new("w1", peak)]);
    assert_eq!(peak.hop, Some(Hop::Produce), "one scrape is no state");
}

#[test]
fn what_queued_while_connect_restarted_something_queued_for_that() {
    let restarted = |mut held: Held| {
        if let ConnectEvidence::Polled { restart_seen, .. } = &mut held.evidence.connect {
            *restart_seen = true;
        }
        held.attributed().hop
    };
    assert_eq!(restarted(slow_reading()), None);
    assert_eq!(restarted(under_a_quota()), Some(Hop::Target));
}

#[test]
fn more_tasks_are_advised_only_where_partitions_are_left_for_them() {
    let advises_tasks = |held: Held| {
        let tasks = Action::Raise("tasks.max".to_owned());
        held.attributed().advice.iter().any(|advice| advice.action == tasks)
    };
    assert!(advises_tasks(small_batches()));
    assert!(!advises_tasks(Held { tasks: 24, ..slow_reading() }));
    assert!(advises_tasks(Held { tasks: 24, ..slow_reading().without(&[Signal::MM2_RECORD_RATE]) }));
    let not_full = small_batches().with(&[(Signal::PRODUCER_BATCH_SIZE, 6_000.0)]);
    assert_eq!(not_full.attributed().advice[0].to_string(), "a higher producer.override.linger.ms");
    let not_the_default = small_batches().with(&[(Signal::PRODUCER_BATCH_SIZE, 131_000.0)]);
    let attribution = not_the_default.attributed();
    assert_eq!(attribution.hop, Some(Hop::Produce));
    assert!(attribution.signs.iter().all(|sign| !sign.points || sign.signal != *Signal::PRODUCER_BATCH_SIZE));
}

#[test]
fn it_comes_back_from_json_as_it_was() {
    for held in [small_batches(), under_a_quota(), slow_reading().without(&[Signal::WORKER_CPU])] {
        let attribution = held.attributed();
        let json = serde_json::to_string(&attribution).unwrap();
        assert_eq!(serde_json::from_str::<Attribution>(&json).unwrap(), attribution, "{json}");
    }
}
