//! The journal counts what was written, where, and in which step.

use super::*;

fn keeper(faults: &str) -> JournalKeeper {
    JournalKeeper::new(faults.parse().unwrap(), vec!["source.t-0".into(), "source.t-1".into()])
}

fn record(keeper: &JournalKeeper, slot: usize, part: Part) -> Tag {
    let tag = Tag::new(slot, part, keeper.now());
    keeper.arrived(tag);
    tag
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_step_has_what_arrived_in_it_also_when_it_is_written_later() {
    let keeper = keeper("loss=0.5,delay=2s,cap=9/s");
    let warm_up = record(&keeper, 0, Part::First);
    keeper.begin_step("P1");
    keeper.written(warm_up, MS);
    let late = record(&keeper, 0, Part::First);
    keeper.lost(record(&keeper, 1, Part::First));
    record(&keeper, 1, Part::Spared);
    keeper.begin_step("P2");
    keeper.written(late, 5 * MS);
    let overtaken = Tag { corrupted: true, ..record(&keeper, 1, Part::Overtaken) };
    keeper.written(overtaken, MS);
    keeper.written(Tag { part: Part::Second, ..overtaken }, MS);

    let journal = keeper.journal(MirrorHealth::default());
    assert_eq!(journal.faults, "delay=2s,loss=0.5,cap=9/s,seed=42");
    let [before, p1, p2] = &journal.steps[..] else { panic!("{journal:?}") };
    assert_eq!((before.step.as_str(), before.arrived, before.mirrored), ("", 1, 1));
    assert_eq!((before.faulty, before.delay_ms, before.cap_per_sec), (false, None, None));
    assert_eq!((p1.step.as_str(), p1.arrived, p1.mirrored, p1.lost), ("P1", 2, 1, 1));
    assert_eq!((p1.faulty, p1.delay_ms, p1.cap_per_sec), (true, Some(2000), Some(9)));
    assert_eq!(p1.waited_ms.map(|waited| waited.max.round()), Some(5.0));
    let lost = Damage { lost: 1, ..Damage::default() };
    assert_eq!(p1.located, BTreeMap::from([("source.t-1".into(), lost)]));
    let counts = (p2.arrived, p2.mirrored, p2.lost, p2.duplicated, p2.reordered, p2.corrupted);
    assert_eq!(counts, (1, 1, 0, 1, 1, 2), "a damaged record that is written twice is two damaged copies");
}

#[test]
fn faults_begin_with_the_step_they_name_and_stay() {
    let check = |faults: &str, expect: [bool; 4]| {
        let keeper = keeper(faults);
        let mut seen = vec![keeper.now().faulty];
        for step in ["P1", "P2", "P3"] {
            keeper.begin_step(step);
            seen.push(keeper.now().faulty);
        }
        assert_eq!(seen, expect, "{faults}");
        let told: Vec<bool> =
            keeper.journal(MirrorHealth::default()).steps.iter().map(|step| step.faulty).collect();
        assert_eq!(told, expect, "{faults}");
    };
    check("loss=0.1", [false, true, true, true]);
    check("loss=0.1,from=P2", [false, false, true, true]);
    check("loss=0.1,from=P9", [false; 4]);
}

#[test]
fn a_step_held_twice_has_two_entries() {
    let keeper = keeper("stall=2s");
    keeper.begin_step("P1");
    keeper.stalled(keeper.now().step, 1500 * MS);
    keeper.stalled(keeper.now().step, 2000 * MS);
    keeper.begin_step("P1");
    keeper.paused(30 * MS);
    keeper.paused(40 * MS);
    let steps = keeper.journal(MirrorHealth::default()).steps;
    let told: Vec<_> = steps.iter().map(|s| (s.step.as_str(), s.stalled_ms, s.paused_ms)).collect();
    assert_eq!(told, [("", 0, 0), ("P1", 2000, 0), ("P1", 0, 70)]);
}

#[test]
fn each_hold_of_the_step_in_which_faults_begin_stalls_and_no_other() {
    let keeper = keeper("stall=2s,from=P2");
    let mut stalls = vec![keeper.now().stalls];
    for step in ["P1", "P2", "P2", "P3", "P3"] {
        keeper.begin_step(step);
        stalls.push(keeper.now().stalls);
    }
    assert_eq!(stalls, [false, false, true, true, false, false]);
}

#[test]
fn it_is_written_as_json_under_these_names() {
    let keeper = keeper("loss=0.5");
    keeper.begin_step("P1");
    keeper.lost(record(&keeper, 1, Part::First));
    let json = serde_json::to_value(keeper.journal(MirrorHealth::default())).unwrap();
    assert_eq!(
        json["steps"][1],
        serde_json::json!({
            "step": "P1", "faulty": true, "delay_ms": null, "cap_per_sec": null,
            "arrived": 1, "mirrored": 0, "lost": 1, "duplicated": 0, "reordered": 0, "corrupted": 0,
            "stalled_ms": 0, "paused_ms": 0, "waited_ms": null,
            "located": {"source.t-1": {"lost": 1, "duplicated": 0, "reordered": 0, "corrupted": 0}},
        })
    );
    assert_eq!(
        [&json["faults"], &json["evicted"], &json["failed"]],
        [&"loss=0.5,seed=42".into(), &false.into(), &serde_json::Value::Null]
    );
}
