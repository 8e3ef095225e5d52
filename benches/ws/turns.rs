//! Rounds in turns, and what is printed of them.

/// Whatever goes wrong.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    quick: bool,
}

impl Rounds {
    pub(crate) fn from_environment() -> Self {
        Self { quick: std::env::var_os("STATUSWIRE_BENCH_QUICK").is_some_and(|value| value != "0") }
    }

    /// So many rounds, each with all contenders.
    pub(crate) fn all(self) -> std::ops::Range<usize> {
        0..if self.quick { 7 } else { 15 }
    }

    /// Commands of each contender in a round; a multiple of the callers.
    pub(crate) fn commands(self, many: usize) -> usize {
        (if self.quick { many / 50 } else { many }).next_multiple_of(256)
    }
}

/// Prints `ratio NAME MEDIAN MIN MAX`. The first round warms up and does not count.
pub(crate) fn print_ratio(name: &str, mut ratios: Vec<f64>) {
    ratios.remove(0);
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.len() / 2;
    let median = if ratios.len() % 2 == 1 { ratios[middle] } else { (ratios[middle - 1] + ratios[middle]) / 2.0 };
    println!("ratio {name} {median:.3} {:.3} {:.3}", ratios[0], ratios[ratios.len() - 1]);
}
