//! Whole reports of made-up runs, as they stand in a run folder and on a screen.

#![expect(clippy::unwrap_used, reason = "a helper of tests is to fail like a test")]

use mm2_evidence::event::{ChainKind, Event};
use mm2_evidence::sample::{self, Behaviour, Story};
use mm2_evidence::{Run, What};
use mm2_report::{Lang, markdown, terminal};

fn fold(events: &[Event]) -> Run {
    Run::from_events(sample::ndjson(events).as_bytes()).unwrap()
}

fn check(name: &str, events: &[Event]) {
    let run = fold(events);
    for lang in Lang::ALL {
        insta::assert_snapshot!(format!("{name}.{}.md", lang.code()), markdown(&run, lang));
        insta::assert_snapshot!(format!("{name}.{}.txt", lang.code()), terminal(&run, lang));
    }
}

#[test]
fn all_five_steps_are_carried() {
    check("go", &sample::go());
}

#[test]
fn a_rehearsal_finds_a_capacity() {
    check("capped", &sample::capped());
}

#[test]
fn a_killed_writer_leaves_a_report_of_what_was_seen() {
    check("killed", &sample::killed());
}

#[test]
fn a_refined_capacity_lies_between_two_rates_and_was_held_again() {
    check("refined", &sample::refined());
}

#[test]
fn a_capacity_below_what_production_needs_is_not_go_for_the_next_phase() {
    let text = markdown(&fold(&sample::below_need()), Lang::En);
    assert!(text.contains("☐ GO for Phase 5: production needs more"), "{text}");
    assert!(text.contains("8,000 msg/s, NOT met"), "{text}");
}

#[test]
fn panels_stand_beside_what_was_measured_end_to_end() {
    check("panels", &sample::panels());
}

#[test]
fn panels_warn_and_say_why_it_stopped() {
    check("throttled", &sample::throttled());
}

#[test]
fn signals_that_are_missing_withhold_go_and_are_named() {
    check("half_blind", &sample::half_blind());
}

#[test]
fn the_panels_of_a_whole_site_fit_a_screen_of_80_columns() {
    for lang in Lang::ALL {
        let text = terminal(&fold(&sample::throttled()), lang);
        let rows =
            text.lines().skip_while(|line| !line.contains("MM2 avg")).take_while(|line| !line.is_empty());
        let widest = rows.map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "{widest} columns:\n{text}");
    }
}

#[test]
fn an_outage_is_followed_by_the_time_to_catch_up() {
    check("caught_up", &sample::caught_up());
}

#[test]
fn a_chain_that_does_not_catch_up_is_said_not_to() {
    check("not_caught_up", &sample::not_caught_up());
}

/// What a person reads who wants to know what it came to: the top, the result, the catching up, the checklist.
fn check_what_it_came_to(name: &str, events: &[Event]) {
    let run = fold(events);
    let mut told = String::new();
    for lang in Lang::ALL {
        let page = markdown(&run, lang);
        let parts: Vec<&str> = page.split("\n## ").collect();
        let [result, caught_up, checklist] = match lang {
            Lang::En => ["Final Result", "Catching Up", "Phase 4 Checklist"],
            Lang::Fr => ["Résultat Final", "Rattrapage", "Checklist Phase 4"],
        };
        let section = |title: &str| parts.iter().find(|part| part.starts_with(title)).copied();
        let sections = [result, caught_up, checklist].into_iter().filter_map(section);
        told.extend([parts[0], "\n"]);
        sections.for_each(|section| told.extend(["## ", section, "\n"]));
    }
    insta::assert_snapshot!(format!("{name}.told"), told);
}

#[test]
fn records_lost_while_the_chain_caught_up_stop_a_good_climb() {
    check_what_it_came_to("lost_catching_up", &sample::lost_catching_up());
}

#[test]
fn records_that_were_not_seen_again_are_said_at_the_top() {
    check_what_it_came_to("unseen_catching_up", &sample::unseen_catching_up());
}

#[test]
fn an_outage_too_short_to_measure_anything_is_said_to_be() {
    check_what_it_came_to("too_short_an_outage", &sample::too_short_an_outage());
}

#[test]
fn a_climb_stands_where_the_catching_up_after_it_was_interrupted() {
    check_what_it_came_to("interrupted_outage", &sample::interrupted_outage());
    check_what_it_came_to("interrupted_drain", &sample::interrupted_drain());
}

#[test]
fn a_connector_that_may_still_be_paused_is_the_first_thing_said() {
    check_what_it_came_to("killed_outage", &sample::killed_outage());
    check_what_it_came_to("still_paused", &sample::still_paused());
    for events in [sample::killed_outage(), sample::still_paused()] {
        for lang in Lang::ALL {
            let page = markdown(&fold(&events), lang);
            let first = page.lines().find(|line| line.starts_with("> ")).unwrap();
            assert!(first.contains("/resume"), "{first}");
        }
    }
}

#[test]
fn an_interrupted_refinement_is_not_said_to_have_nothing_failed_above_it() {
    check_what_it_came_to("interrupted_refining", &sample::interrupted_refining());
}

#[test]
fn a_planned_step_above_the_one_that_failed_is_not_held_because_of_that() {
    for events in [sample::interrupted_refining(), sample::held_again_in_vain()] {
        let page = markdown(&fold(&events), Lang::En);
        assert!(page.contains("not held: the climb stopped at P4"), "{page}");
    }
    assert!(markdown(&fold(&sample::killed()), Lang::En).contains("not held: the run was cut short in P3"));
}

#[test]
fn a_winner_held_again_in_vain_is_not_confirmed() {
    check_what_it_came_to("held_again_in_vain", &sample::held_again_in_vain());
}

#[test]
fn a_step_that_passed_only_when_it_was_held_again_warns() {
    check_what_it_came_to("passed_held_again", &sample::passed_held_again());
}

#[test]
fn what_was_asked_of_the_catching_up_and_has_no_good_answer_is_not_go_for_the_next_phase() {
    let check = |events: &[Event], expect: &str| {
        let page = markdown(&fold(events), Lang::En);
        let decided = page.lines().find(|line| line.contains("GO for Phase 5")).unwrap();
        assert_eq!(decided, format!("| Phase 4 finished | {expect} |"));
    };
    check(&sample::caught_up(), "☑ GO for Phase 5");
    check(&sample::too_short_an_outage(), "☑ GO for Phase 5");
    check(&sample::not_caught_up(), "☐ GO for Phase 5: the chain did not catch up within the limit");
    let not_measured = "☐ GO for Phase 5: how the chain catches up was asked for and not measured";
    check(&sample::interrupted_outage(), not_measured);
    check(&sample::interrupted_drain(), not_measured);
    // Given up before it was begun.
    let mut events = sample::interrupted_drain();
    let begun = |event: &Event| {
        matches!(event.what, What::CatchUpStarted { .. } | What::Paused | What::Resumed { .. })
    };
    events.retain(|event| !begun(event));
    check(&events, not_measured);
    // Whoever could not see has not seen that nothing was lost.
    let mut events = sample::lost_catching_up();
    for event in &mut events {
        if let What::CatchUpEnded(seen) = &mut event.what {
            (seen.lost, seen.unseen, seen.duplicates) = (None, None, None);
        }
    }
    check(&events, "☐ GO for Phase 5: nobody could see whether records were lost");
}

#[test]
fn records_lost_after_a_climb_that_showed_nothing_tick_no_box() {
    let mut events = sample::lost_catching_up();
    for event in &mut events {
        if let What::Concluded(concluded) = &mut event.what {
            concluded.level = mm2_slo::Level::Inconclusive;
        }
    }
    let page = markdown(&fold(&events), Lang::En);
    assert!(page.contains("| All steps documented | ☐ |") && page.contains("> **STOP: 12 records"), "{page}");
}

#[test]
fn a_screen_of_100_columns_is_enough() {
    for events in sample::all() {
        for lang in Lang::ALL {
            let text = terminal(&fold(&events), lang);
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= 100, "{widest} columns:\n{text}");
        }
    }
}

#[test]
fn a_rehearsal_says_so_on_top_and_over_every_table() {
    let run = fold(&sample::capped());
    for lang in Lang::ALL {
        for text in [markdown(&run, lang), terminal(&run, lang)] {
            assert!(text.lines().take(4).any(|line| line.contains("REHEARSAL")), "{text}");
        }
        let text = markdown(&run, lang);
        let mut section = "";
        for line in text.lines() {
            section = if line.starts_with("## ") { line } else { section };
            assert!(!line.starts_with('|') || section.ends_with("(REHEARSAL)"), "{section}: {line}");
        }
    }
}

#[test]
fn only_a_finished_run_of_a_real_chain_is_go_for_the_next_phase() {
    let allowed = |events: &[Event]| markdown(&fold(events), Lang::En).contains("☑ GO for Phase 5");
    assert!(allowed(&sample::go()));
    assert!(!allowed(&sample::capped()), "a rehearsal");
    assert!(!allowed(&sample::killed()));
    let lab = |cap_per_sec| {
        let mut story = Story::begin(ChainKind::Lab, 20);
        while story.step(&Behaviour { cap_per_sec, ..Behaviour::healthy() }) {}
        story
    };
    assert!(allowed(&lab(6_000).end(false)), "a capacity is found");
    assert!(!allowed(&lab(6_000).end(true)), "interrupted");
    assert!(!allowed(&lab(900).end(false)), "no step is validated");
}

#[test]
fn a_run_that_never_held_a_step_is_reported() {
    let story = Story::begin(ChainKind::Lab, 20);
    for lang in Lang::ALL {
        let run = fold(&story.events);
        assert!(markdown(&run, lang).contains("P5"));
        assert!(!terminal(&run, lang).contains('☑'));
    }
}

#[test]
fn a_run_that_never_began_says_why_on_the_screen() {
    let mut story = Story::begin(ChainKind::Lab, 20);
    story.tell(What::Trouble { text: "10 of 30 canaries came through within 120 s".to_owned() });
    for lang in Lang::ALL {
        assert!(terminal(&fold(&story.events), lang).contains("10 of 30 canaries"));
    }
}

#[test]
fn what_a_broker_says_stays_in_its_line() {
    let mut events = sample::killed();
    let at_ms = events.last().unwrap().at_ms;
    events.push(Event { at_ms, what: What::Trouble { text: "no <route>\n| to `b1`".to_owned() } });
    let text = markdown(&fold(&events), Lang::En);
    assert!(text.contains("no &lt;route> \\| to \\`b1\\`"), "{text}");
}
