//! Intervals and tests: how far a figure from so few logs may lie from the truth.

/// The 97.5th percentile of the normal distribution: two-sided 95 %.
const Z: f64 = 1.959_964;
/// How often a bootstrap draws.
const ROUNDS: usize = 1000;
/// Every run draws the same samples.
const SEED: u64 = 0x5eed;

/// A small, seeded source of numbers (`SplitMix64`), so that figures and planted secrets are the same in every run and
/// with every version of any library.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn seeded(seed: u64) -> Draw {
        Draw(seed)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end.max(1) as u64).unwrap_or(0)
    }
}

/// The 95 % interval of a share after Wilson: right for few logs and near 0 and 1, where the usual one is not.
pub(crate) fn wilson(hits: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let n = of as f64;
    let share = hits as f64 / n;
    let middle = share + Z * Z / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - reach) / scale).max(0.0), ((middle + reach) / scale).min(1.0))
}

/// The 95 % interval of any figure over `of` logs: the figure of a thousand samples, drawn with replacement.
pub(crate) fn bootstrap(of: usize, figure: impl Fn(&[usize]) -> f64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 0.0);
    }
    let mut draw = Draw::seeded(SEED);
    let mut sample = vec![0; of];
    let mut figures: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            sample.fill_with(|| draw.below(of));
            figure(&sample)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    (figures[ROUNDS / 40], figures[ROUNDS - 1 - ROUNDS / 40])
}

/// How likely at least such a difference is if nothing has changed: the exact two-sided sign test over the logs that
/// differ, which for right and wrong is `McNemar`'s test.
pub(crate) fn sign_test(better: usize, worse: usize) -> f64 {
    let (n, fewer) = (better + worse, better.min(worse));
    let mut term = 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX));
    let mut tail = 0.0;
    for k in 0..=fewer {
        tail += term;
        term *= (n - k) as f64 / (k + 1) as f64;
    }
    (2.0 * tail).min(1.0)
}

pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0_usize), |(sum, n), value| (sum + value, n + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64) -> bool {
        (got - want).abs() < 5e-4
    }

    #[test]
    fn wilson_gives_the_textbook_intervals() {
        let (low, high) = wilson(81, 263);
        assert!(near(low, 0.2553) && near(high, 0.3662), "{low} {high}");
        let (low, high) = wilson(0, 20);
        assert!(near(low, 0.0) && near(high, 0.1611), "{low} {high}");
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn the_bootstrap_of_a_mean_is_near_its_standard_error_and_repeats() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let interval = || bootstrap(values.len(), |sample| mean(sample.iter().map(|i| values[*i])));
        let (low, high) = interval();
        assert!((0.43..0.47).contains(&low) && (0.53..0.57).contains(&high), "{low} {high}");
        assert_eq!(interval(), (low, high));
    }

    #[test]
    fn the_sign_test_is_exact() {
        assert!(near(sign_test(9, 1), 0.0215));
        assert!(near(sign_test(3, 3), 1.0));
        assert!(near(sign_test(0, 0), 1.0));
        assert!(sign_test(40, 2) < 1e-6);
    }
}
