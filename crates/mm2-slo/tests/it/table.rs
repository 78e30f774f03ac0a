//! The verdict table of Phase 4, a line for each thing that can be found.

use mm2_slo::evidence::{AuditEvidence, BacklogEvidence, Block, ConnectEvidence, LoadEvidence};
use mm2_slo::finding::{Missing, Reason};
use mm2_slo::{CriterionName as Name, Finding, Level, Outcome, Signal, Step, StepEvidence, Verdict};

use crate::sample::{self, TABLE, at_rate, healthy, judge, p3};
use Level::{Go, Inconclusive, Stop, Warn};

/// A healthy P3, spoilt by `spoil`, comes to this level for this reason.
fn check(
    what: &str,
    spoil: impl Fn(&mut StepEvidence),
    level: Level,
    reason: impl Into<Option<&'static str>>,
) {
    let mut evidence = healthy(&p3());
    spoil(&mut evidence);
    let verdict = judge(&p3(), &evidence);
    let because = verdict.reason.as_ref().map(Name::as_str);
    assert_eq!((verdict.level, because), (level, reason.into()), "{what}: {:#?}", verdict.findings);
}

/// The finding of `criterion` on a spoilt step.
fn finding(step: &Step, spoil: impl Fn(&mut StepEvidence), criterion: &str) -> Finding {
    let mut evidence = healthy(step);
    spoil(&mut evidence);
    let verdict = judge(step, &evidence);
    verdict.findings.into_iter().find(|f| f.criterion == criterion).expect("each criterion has a finding")
}

fn load(e: &mut StepEvidence) -> &mut LoadEvidence {
    &mut e.load
}
fn audit(e: &mut StepEvidence) -> &mut AuditEvidence {
    e.audit.as_mut().unwrap()
}
fn backlog(e: &mut StepEvidence) -> &mut BacklogEvidence {
    e.backlog.as_mut().unwrap()
}
fn blocks(e: &mut StepEvidence) -> &mut Vec<Block> {
    &mut e.latency.as_mut().unwrap().blocks
}

/// A part of each second's records is over the limit.
fn late(percent: u64) -> impl Fn(&mut StepEvidence) {
    move |e| blocks(e).iter_mut().for_each(|b| b.over = b.records * percent / 100)
}
/// The backlog grows by this many records a second from 100.
fn growing(per_sec: u64) -> impl Fn(&mut StepEvidence) {
    move |e| {
        let backlog = backlog(e);
        for (at_ms, records) in &mut backlog.samples {
            *records = 100 + *at_ms * per_sec / 1_000;
        }
        backlog.max = 100 + 60 * per_sec;
    }
}
/// One record per thousand is gone.
fn lost(e: &mut StepEvidence) {
    let audit = audit(e);
    (audit.received, audit.lost) = (audit.received - 300, 300);
    audit.located.lost = vec![("source.a-3".to_owned(), 200), ("source.b-0".to_owned(), 100)];
}
fn unseen(e: &mut StepEvidence) {
    let audit = audit(e);
    (audit.received, audit.unseen) = (audit.received - 7, 7);
}
/// One and then the other.
fn both(a: impl Fn(&mut StepEvidence), b: impl Fn(&mut StepEvidence)) -> impl Fn(&mut StepEvidence) {
    move |e| {
        a(e);
        b(e);
    }
}
fn duplicates(count: u64, connect: ConnectEvidence) -> impl Fn(&mut StepEvidence) {
    move |e| {
        audit(e).duplicates = count;
        e.connect = connect.clone();
    }
}
fn connect(restart_seen: bool, flush_interval_ms: Option<u64>, exactly_once: bool) -> ConnectEvidence {
    ConnectEvidence::Polled { answered: 70, unanswered: 3, restart_seen, flush_interval_ms, exactly_once }
}
fn silent(unanswered: u64) -> ConnectEvidence {
    let (answered, flush_interval_ms) = (0, None);
    ConnectEvidence::Polled {
        answered,
        unanswered,
        restart_seen: false,
        flush_interval_ms,
        exactly_once: false,
    }
}
fn absent() -> ConnectEvidence {
    ConnectEvidence::Absent { why: "dedicated MM2".to_owned() }
}

#[test]
fn a_healthy_step_is_go_on_all_ten_criteria_in_table_order() {
    let verdict = judge(&p3(), &healthy(&p3()));
    let (table, panels) = verdict.findings.split_at(TABLE.len());
    let criteria: Vec<_> = table.iter().map(|f| f.criterion.as_str()).collect();
    assert_eq!(criteria, TABLE);
    assert!(table.iter().all(|f| f.outcome == Outcome::Go), "{:#?}", verdict.findings);
    assert_eq!(panels.len(), Signal::PANELS.len());
    assert!(panels.iter().all(|f| f.outcome == Outcome::Skipped), "declared absent: {panels:#?}");
    assert_eq!((verdict.level, verdict.reason_name()), (Go, "all criteria met"));
}

#[test]
fn p99_latency() {
    check("half a per cent over the limit", |e| blocks(e).iter_mut().for_each(|b| b.over = 25), Go, None);
    check("two per cent over the limit", late(2), Stop, Name::P99_LATENCY);
    check("one per cent over the limit", late(1), Inconclusive, Name::P99_LATENCY);
    check("one second's pause", |e| blocks(e)[30].over = 5_000, Inconclusive, Name::P99_LATENCY);
    check("not measured", |e| e.latency = Err(Missing::ProbeFailed), Inconclusive, Name::P99_LATENCY);
    check("no blocks", |e| blocks(e).clear(), Inconclusive, Name::P99_LATENCY);
    check("a second without figures", |e| blocks(e).truncate(59), Inconclusive, Name::P99_LATENCY);
    let half_seen_all_late = |e: &mut StepEvidence| {
        late(100)(e);
        blocks(e).truncate(30);
    };
    check("half without figures, the rest late", half_seen_all_late, Stop, Name::P99_LATENCY);
}

#[test]
fn sustained() {
    check("growth of 0.4 % of the rate", growing(20), Go, None);
    check("growth of 1 % of the rate", growing(50), Stop, Name::SUSTAINED);
    check("not measured", |e| e.backlog = Err(Missing::Interrupted), Inconclusive, Name::SUSTAINED);
    check("ten seconds held", |e| e.hold_s = 10.0, Inconclusive, Name::SUSTAINED);
    check("a hold that is no number", |e| e.hold_s = f64::NAN, Inconclusive, Name::SUSTAINED);
    let unseen_for_ten_seconds =
        |e: &mut StepEvidence| backlog(e).samples.retain(|(ms, _)| !(30_000..40_000).contains(ms));
    check("ten seconds without samples", unseen_for_ten_seconds, Inconclusive, Name::SUSTAINED);
}

#[test]
fn the_audit() {
    check("lost", lost, Stop, Name::LOST);
    check("corrupt", |e| audit(e).corrupt = 1, Stop, Name::CORRUPT);
    check("reordered", |e| audit(e).reordered = 1, Stop, Name::REORDERED);
    check("unseen", unseen, Stop, Name::UNSEEN);
    check("foreign records are not judged", |e| audit(e).foreign = 5, Go, None);
    check("not measured", |e| e.audit = Err(Missing::Evicted), Inconclusive, Name::LOST);
    check("a record that nobody knows of", |e| audit(e).received -= 1, Inconclusive, Name::LOST);
    check("an audit of zeroes", |e| e.audit = Ok(AuditEvidence::default()), Inconclusive, Name::LOST);
    let places = vec!["source.a-3: 200".to_owned(), "source.b-0: 100".to_owned()];
    assert_eq!(finding(&p3(), lost, Name::LOST).reason, Reason::Located { places });
    assert_eq!(finding(&p3(), lost, Name::CORRUPT).outcome, Outcome::Go, "what is lost is accounted for");
    let one_corrupt = |e: &mut StepEvidence| {
        audit(e).corrupt = 1;
        blocks(e)[7].records -= 1;
    };
    assert_eq!(finding(&p3(), one_corrupt, Name::P99_LATENCY).outcome, Outcome::Go, "so is what is corrupt");
    assert_eq!(finding(&p3(), unseen, Name::UNSEEN).reason, Reason::NotRecovered { limit_s: 120.0 });
}

#[test]
fn duplicates_are_explained_by_a_restart_and_nothing_else() {
    // 5 000/s × (5 s flush interval + 10 s), and with the 60 s that are taken where it is not known.
    let (known, unknown) = (75_000, 350_000);
    let restart = || connect(true, Some(5_000), false);
    check("a restart, and as many as it replays", duplicates(known, restart()), Warn, Name::DUPLICATES);
    check("a restart, and one more", duplicates(known + 1, restart()), Stop, Name::DUPLICATES);
    let unread = || connect(true, None, false);
    check("flush interval unread", duplicates(unknown, unread()), Warn, Name::DUPLICATES);
    check("flush interval unread, one more", duplicates(unknown + 1, unread()), Stop, Name::DUPLICATES);
    check("no restart", duplicates(1, connect(false, Some(5_000), false)), Stop, Name::DUPLICATES);
    check("exactly once", duplicates(1, connect(true, Some(5_000), true)), Stop, Name::DUPLICATES);
    check("exactly once, none", duplicates(0, connect(true, Some(5_000), true)), Go, None);
    check("no Connect declared", duplicates(unknown, absent()), Warn, Name::DUPLICATES);
    check("no Connect declared, one more", duplicates(unknown + 1, absent()), Stop, Name::DUPLICATES);
    check("Connect silent, none", duplicates(0, silent(70)), Go, None);
    check("Connect silent counts as a restart", duplicates(unknown, silent(70)), Warn, Name::DUPLICATES);
    check("Connect never asked", duplicates(1, silent(0)), Inconclusive, Name::DUPLICATES);

    let without_restart = finding(&p3(), duplicates(9, connect(false, None, false)), Name::DUPLICATES);
    assert_eq!(without_restart.reason, Reason::Unexplained { allowed: unknown, restart_seen: false });
    assert_eq!(without_restart.limit, Some(0.0), "without a restart none are allowed");
    let seen = finding(&p3(), duplicates(9, unread()), Name::DUPLICATES);
    assert_eq!(
        seen.reason,
        Reason::ExplainedByRestart { allowed: unknown, flush_interval_known: false },
        "a flush interval that was taken is said"
    );
}

/// This part of the due records was not sent.
fn unsent(percent: u64) -> impl Fn(&mut StepEvidence) {
    move |e| {
        let load = load(e);
        let sent = load.due * (100 - percent) / 100;
        (load.sent, load.acked, load.acked_in_time) = (sent, sent, sent);
    }
}
fn slip(ms: f64) -> impl Fn(&mut StepEvidence) {
    move |e| load(e).slip_p99_ms = Some(ms)
}
/// The source's full queue held the sender back for so long in all.
fn blocked(ms: f64) -> impl Fn(&mut StepEvidence) {
    move |e| load(e).source_blocked_ms = ms
}
fn refused(e: &mut StepEvidence) {
    load(e).source_refused = true;
}
fn failed(e: &mut StepEvidence) {
    load(e).failed = 1;
}

#[test]
fn what_was_not_delivered_is_the_sources_doing_or_ours() {
    check("1 % not sent", unsent(1), Go, None);
    check("2 % not sent, nothing in the way", unsent(2), Inconclusive, Name::DELIVERED);
    check("2 % not sent, blocked for as long", both(unsent(2), blocked(1_200.0)), Stop, Name::DELIVERED);
    check("2 % not sent, blocked for less", both(unsent(2), blocked(400.0)), Inconclusive, Name::DELIVERED);
    check("9 % not sent, most of it ours", both(unsent(9), blocked(1_200.0)), Inconclusive, Name::DELIVERED);
    check("2 % not sent, refused", both(unsent(2), refused), Stop, Name::DELIVERED);
    check("2 % not sent, a delivery failed", both(unsent(2), failed), Stop, Name::DELIVERED);
    check("sent, but 2 % acknowledged late", |e| load(e).acked_in_time = 294_000, Stop, Name::DELIVERED);
    check("all delivered beside a refusal", refused, Go, None);
    check("nothing due", |e| load(e).due = 0, Inconclusive, Name::DELIVERED);
}

#[test]
fn slip_is_the_sources_doing_or_ours() {
    check("50 ms", slip(50.0), Go, None);
    check("80 ms, nothing in the way", slip(80.0), Inconclusive, Name::SLIP);
    check("80 ms, blocked for as long", both(slip(80.0), blocked(79.0)), Stop, Name::SLIP);
    check(
        "80 ms, blocked for less than would matter",
        both(slip(80.0), blocked(40.0)),
        Inconclusive,
        Name::SLIP,
    );
    check("400 ms, 100 of them ours", both(slip(400.0), blocked(300.0)), Inconclusive, Name::SLIP);
    check("80 ms, refused", both(slip(80.0), refused), Stop, Name::SLIP);
    check("80 ms, a delivery failed", both(slip(80.0), failed), Stop, Name::SLIP);
    check("not known", |e| load(e).slip_p99_ms = None, Inconclusive, Name::SLIP);
    check("no number", slip(f64::NAN), Inconclusive, Name::SLIP);
    check("blocked for no number of ms", both(slip(80.0), blocked(f64::NAN)), Inconclusive, Name::SLIP);
    let slip = finding(&p3(), slip(80.0), Name::SLIP);
    assert_eq!((slip.reason, slip.value, slip.limit), (Reason::GeneratorSlip, Some(80.0), Some(50.0)));
}

#[test]
fn our_own_slip_takes_back_what_it_may_have_caused_and_only_that() {
    let own = || slip(80.0);
    let backlog_of = |max| move |e: &mut StepEvidence| backlog(e).max = max;
    check("late", both(late(2), own()), Inconclusive, Name::P99_LATENCY);
    check("growing", both(growing(50), own()), Inconclusive, Name::SUSTAINED);
    check("unseen", both(unseen, own()), Inconclusive, Name::UNSEEN);
    check("backlog", both(backlog_of(50_001), own()), Inconclusive, Name::SLIP);
    check("lost stays", both(lost, own()), Stop, Name::LOST);
    check("corrupt stays", both(|e| audit(e).corrupt = 1, own()), Stop, Name::CORRUPT);
    check("reordered stays", both(|e| audit(e).reordered = 1, own()), Stop, Name::REORDERED);
    check("duplicates stay", both(|e| audit(e).duplicates = 1, own()), Stop, Name::DUPLICATES);
    let unsent_of_ours = both(late(2), unsent(2));
    check("what we did not send takes back as well", unsent_of_ours, Inconclusive, Name::P99_LATENCY);
    let of_the_source = both(both(slip(80.0), blocked(79.0)), late(2));
    check("the source's slip takes nothing back", of_the_source, Stop, Name::P99_LATENCY);

    let reason =
        |spoil: &dyn Fn(&mut StepEvidence), criterion| finding(&p3(), both(spoil, own()), criterion).reason;
    assert_eq!(reason(&late(2), Name::P99_LATENCY), Reason::MaskedByGeneratorSlip);
    assert_eq!(reason(&backlog_of(50_001), Name::BACKLOG), Reason::MaskedByGeneratorSlip);
    assert_eq!(reason(&backlog_of(10_001), Name::BACKLOG), Reason::BeyondLimit, "a WARN stays");
}

#[test]
fn backlog_limits_are_the_panels_up_to_p5_and_grow_with_the_rate_beyond() {
    for (rate, max, outcome, limit) in [
        (5_000, 10_000, Outcome::Go, 10_000.0),
        (5_000, 10_001, Outcome::Warn, 10_000.0),
        (5_000, 50_000, Outcome::Warn, 10_000.0),
        (5_000, 50_001, Outcome::Stop, 50_000.0),
        (10_000, 10_001, Outcome::Warn, 10_000.0),
        (20_000, 20_000, Outcome::Go, 20_000.0),
        (20_000, 100_000, Outcome::Warn, 20_000.0),
        (20_000, 100_001, Outcome::Stop, 100_000.0),
    ] {
        let found = finding(&at_rate(rate), |e| backlog(e).max = max, Name::BACKLOG);
        assert_eq!((found.outcome, found.limit), (outcome, Some(limit)), "{max} records at {rate}/s");
    }
}

#[test]
fn nothing_judged_is_nothing_shown() {
    let verdict = Verdict::of(Vec::new());
    assert_eq!((verdict.level, verdict.reason_name()), (Inconclusive, "nothing judged"));
    let not_yet = Reason::NotMeasured { why: Missing::NotYet };
    let aside = sample::finding(Name::BACKLOG, Outcome::Skipped, &not_yet);
    assert_eq!(Verdict::of(vec![aside]).level, Inconclusive, "what is set aside does not count");
}

#[test]
fn achieved_is_what_was_acknowledged_in_time_over_the_hold() {
    let mut evidence = healthy(&p3());
    load(&mut evidence).acked_in_time = 297_000;
    assert_eq!(evidence.achieved_per_sec(), Some(4_950.0));
    for no_hold in [0.0, -1.0, f64::NAN] {
        assert_eq!(StepEvidence { hold_s: no_hold, ..evidence.clone() }.achieved_per_sec(), None);
    }
}

#[test]
fn the_reason_is_the_first_finding_of_the_worst_level() {
    check("of two STOPs the first in the table", both(lost, growing(50)), Stop, Name::SUSTAINED);
    let bad_and_missing = both(|e| e.latency = Err(Missing::ProbeFailed), |e| backlog(e).max = 50_001);
    check("what is bad stays bad beside what is missing", bad_and_missing, Stop, Name::BACKLOG);
    let warn_then_slip = both(duplicates(1, absent()), slip(80.0));
    check("INCONCLUSIVE is worse than an earlier WARN", warn_then_slip, Inconclusive, Name::SLIP);
}
