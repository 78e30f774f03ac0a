use super::*;

fn bands(unit: Unit, go: &str, warn: Option<&str>, stop: Option<&str>) -> Result<Bands, String> {
    Bands::parse(unit, Some(go), warn, stop)
}

fn level_of(bands: &Bands, value: f64) -> Option<Level> {
    bands.resolve(&|_, _| None).unwrap().level(value).map(|(level, _)| level)
}

#[test]
fn a_limit_is_where_it_is_written() {
    let latency = bands(Unit::Ms, "< 500 ms", Some("500 ms .. 1 s"), Some("> 1 s")).unwrap();
    let check = |value, expect| assert_eq!(level_of(&latency, value), Some(expect), "{value}");
    check(499.9, Level::Go);
    check(500.0, Level::Warn);
    check(1_000.0, Level::Warn);
    check(1_000.1, Level::Stop);

    let lag = bands(Unit::Records, "<= 10000 records", Some("otherwise"), Some("> 50000 records")).unwrap();
    assert_eq!(level_of(&lag, 50_000.0), Some(Level::Warn), "> 50 000 does not mean 50 000");
}

#[test]
fn gaps_and_overlaps_are_refused() {
    let check = |unit, go, warn, stop, part: &str| {
        let said = bands(unit, go, warn, stop).unwrap_err();
        assert!(said.contains(part), "{said}");
    };
    check(Unit::Ms, "< 500 ms", None, Some("> 1 s"), "gap: 500 ms is in none");
    check(Unit::Ms, "< 500 ms", None, Some("> 500 ms"), "gap: 500 ms is in none");
    check(Unit::Ms, "<= 500 ms", None, Some(">= 500 ms"), "overlap: 500 ms");
    check(Unit::Ms, "< 2 s", None, Some("> 1 s"), "overlap");
    check(Unit::Percent, ">= 99 %", Some("95 % .. 98 %"), Some("< 95 %"), "gap: 98.5 % is in none");
    check(Unit::Ms, "< 500 ms", None, None, "neither");
    check(Unit::Ms, "otherwise", Some("otherwise"), Some("> 1 s"), "two bands");
    check(Unit::Ms, "< 1 MB", None, Some("otherwise"), "in bytes, the signal in ms");
    check(Unit::Ms, "1 s .. 500 ms", None, Some("otherwise"), "empty");
    check(Unit::Ms, "unter 5", None, Some("otherwise"), "cannot read the band");
    check(Unit::Count, "otherwise", None, Some("< baseline * x"), "number belongs");
}

#[test]
fn a_count_needs_no_band_below_zero() {
    let lost = bands(Unit::Records, "= 0 records", None, Some("> 0 records")).unwrap();
    assert_eq!(level_of(&lost, 0.0), Some(Level::Go));
    assert_eq!(level_of(&lost, 1.0), Some(Level::Stop));
    assert_eq!(level_of(&lost, -1.0), None, "and what cannot be is in no band");
}

#[test]
fn limits_can_depend_on_what_is_known_later() {
    let bands = bands(Unit::Ms, "<= baseline * 1.5 + 100 ms", Some("otherwise"), Some("> p99_limit")).unwrap();
    let known = |name: &str, _| match name {
        "baseline" => Some(40.0),
        "p99_limit" => Some(1_000.0),
        _ => None,
    };
    let resolved = bands.resolve(&known).unwrap();
    assert_eq!(resolved.level(160.0).unwrap().0, Level::Go);
    assert_eq!(resolved.level(160.1).unwrap().0, Level::Warn);
    assert_eq!(resolved.level(1_001.0).unwrap().0, Level::Stop);
    assert_eq!(bands.resolve(&|_, _| None).unwrap_err(), "p99_limit");
    assert_eq!(bands.names().collect::<Vec<_>>(), ["p99_limit", "baseline"]);
}

#[test]
fn where_two_bands_meet_because_of_a_baseline_the_worse_one_counts() {
    let bands = bands(Unit::Ms, "<= baseline", Some("otherwise"), Some("> 50 ms")).unwrap();
    let resolved = bands.resolve(&|_, _| Some(80.0)).unwrap();
    assert_eq!(resolved.level(60.0).unwrap().0, Level::Stop);
}

#[test]
fn calibration_warns_at_twice_and_stops_at_four_times_the_nominal_value() {
    let calibrated = Bands::calibrated(Quantity::new(250.0, Unit::Ms).unwrap()).unwrap();
    assert_eq!(calibrated.go().written(), "<= 500 ms");
    assert_eq!(calibrated.stop().unwrap().written(), "> 1000 ms");
    assert_eq!(Bands::calibrated(Quantity::new(0.0, Unit::Ms).unwrap()), None);
}

#[test]
fn margin_and_limit_say_how_far_it_is() {
    let latency = bands(Unit::Ms, "< 500 ms", Some("otherwise"), Some("> 1 s")).unwrap();
    let latency = latency.resolve(&|_, _| None).unwrap();
    assert_eq!((latency.margin(400.0), latency.limit(Level::Go, 400.0)), (Some(100.0), Some(500.0)));
    assert_eq!((latency.margin(600.0), latency.limit(Level::Warn, 600.0)), (Some(-100.0), Some(500.0)));
    assert_eq!((latency.margin(1_500.0), latency.limit(Level::Stop, 1_500.0)), (Some(-1_000.0), Some(1_000.0)));
    assert_eq!(latency.worse(), Worse::Up);
    let rate = bands(Unit::RecordsPerSec, "> 950 records/s", Some("otherwise"), Some("< 800 records/s")).unwrap();
    assert_eq!(rate.resolve(&|_, _| None).unwrap().worse(), Worse::Down);
}
