//! Numbers as a language writes them.

/// A language's marks between digits, and between a number and its unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) thousands: &'static str,
    pub(crate) decimal: &'static str,
    pub(crate) before_unit: &'static str,
    /// The symbol of a day.
    pub(crate) day: &'static str,
}

impl Numbers {
    /// `10,000`.
    pub(crate) fn count(&self, n: u64) -> String {
        let digits = n.to_string();
        let mut out = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push_str(self.thousands);
            }
            out.push(digit);
        }
        out
    }

    /// With so many places, as far as they are not 0.
    pub(crate) fn decimal(&self, x: f64, places: usize) -> String {
        let text = format!("{:.places$}", x.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole = self.count(whole.parse().unwrap_or(u64::MAX));
        let zero = whole == "0" && fraction.is_empty();
        let minus = if x < 0.0 && !zero { "−" } else { "" };
        match fraction {
            "" => format!("{minus}{whole}"),
            _ => format!("{minus}{whole}{}{fraction}", self.decimal),
        }
    }

    /// A rate as it was reached: to a tenth.
    pub(crate) fn rate(&self, per_sec: f64) -> String {
        self.decimal(per_sec, 1)
    }

    /// `21.4 ms`.
    pub(crate) fn ms(&self, ms: f64) -> String {
        self.with_unit(&self.ms_alone(ms), "ms")
    }

    /// `21.4`, milliseconds: three digits are all that a histogram knows.
    pub(crate) fn ms_alone(&self, ms: f64) -> String {
        let places = if ms >= 100.0 {
            0
        } else if ms >= 10.0 {
            1
        } else {
            2
        };
        self.decimal(ms, places)
    }

    /// `4.9 s`.
    pub(crate) fn seconds(&self, s: f64) -> String {
        self.with_unit(&self.decimal(s, usize::from(s < 100.0)), "s")
    }

    /// `0.015 %`.
    pub(crate) fn percent(&self, percent: f64) -> String {
        self.with_unit(&self.percent_alone(percent), "%")
    }

    /// `0.015`, per cent.
    pub(crate) fn percent_alone(&self, percent: f64) -> String {
        let size = percent.abs();
        if size > 0.0 && size < 0.0005 && percent > 0.0 {
            return format!("< 0{}001", self.decimal);
        }
        let places = if size >= 10.0 {
            1
        } else if size >= 0.1 {
            2
        } else {
            3
        };
        self.decimal(percent, places)
    }

    /// A time as people say it, two units at most: `94.5 s`, `5 min`, `12 min 30 s`, `24 h`, `3 d`.
    pub(crate) fn duration(&self, s: f64) -> String {
        if s.abs() < 100.0 {
            return self.seconds(s);
        }
        let whole = s.round() as u64;
        let units = [(86_400, self.day), (3_600, "h"), (60, "min"), (1, "s")];
        // 24 h and 90 min are said so: the larger unit begins at the double.
        let first = units.iter().position(|(size, _)| whole >= if *size > 60 { 2 * size } else { *size });
        let Some(first) = first else { return self.seconds(s) };
        let (size, unit) = units[first];
        let (count, rest) = (whole / size, whole % size);
        let said = self.with_unit(&self.count(count), unit);
        match units.get(first + 1).map(|(size, unit)| (rest / size, *unit)) {
            Some((more, unit)) if more > 0 => format!("{said} {}", self.with_unit(&self.count(more), unit)),
            _ => said,
        }
    }

    pub(crate) fn with_unit(&self, number: &str, unit: &str) -> String {
        format!("{number}{}{unit}", self.before_unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Numbers = Numbers { thousands: ",", decimal: ".", before_unit: " ", day: "d" };
    const FR: Numbers = Numbers { thousands: " ", decimal: ",", before_unit: " ", day: "j" };

    #[test]
    fn each_language_writes_its_own_way() {
        assert_eq!((EN.count(1_234_567), FR.count(1_234_567)), ("1,234,567".into(), "1 234 567".into()));
        assert_eq!((EN.ms(1.5), FR.ms(1.5)), ("1.5 ms".into(), "1,5 ms".into()));
    }

    #[test]
    fn times_are_said_in_two_units_at_most() {
        for (seconds, text) in [
            (9.44, "9.4 s"),
            (99.9, "99.9 s"),
            (100.0, "1 min 40 s"),
            (300.4, "5 min"),
            (750.0, "12 min 30 s"),
            (5_400.0, "90 min"),
            (9_000.0, "2 h 30 min"),
            (86_400.0, "24 h"),
            (604_800.0, "7 d"),
        ] {
            assert_eq!(EN.duration(seconds), text);
        }
        assert_eq!(FR.duration(604_800.0), "7 j");
    }

    #[test]
    fn digits_are_as_many_as_are_known() {
        for (ms, text) in [(0.0, "0 ms"), (2.499, "2.5 ms"), (21.439, "21.4 ms"), (4_968.4, "4,968 ms")] {
            assert_eq!(EN.ms(ms), text);
        }
        for (percent, text) in [
            (0.0, "0 %"),
            (0.000_2, "< 0.001 %"),
            (0.014_9, "0.015 %"),
            (-13.33, "−13.3 %"),
            (-0.000_1, "0 %"),
        ] {
            assert_eq!(EN.percent(percent), text);
        }
        assert_eq!((EN.seconds(4.94), EN.seconds(120.0)), ("4.9 s".into(), "120 s".into()));
        assert_eq!((EN.rate(4_998.66), EN.rate(5_000.0)), ("4,998.7".into(), "5,000".into()));
    }
}
