//! What the benches share: rounds, and the line that each ratio is told in.
//!
//! `--quick` as an argument, or `STATUSWIRE_BENCH_QUICK` in the environment, runs everything once and briefly.

/// Is this only to see that the bench runs?
pub(crate) fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick") || std::env::var_os("STATUSWIRE_BENCH_QUICK").is_some()
}

/// How many rounds to measure: an odd number, so that one of them is the median.
pub(crate) fn rounds() -> usize {
    if is_quick() { 1 } else { 11 }
}

/// Prints the median, the least and the greatest of some ratios.
pub(crate) fn report(name: &str, mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    let (Some(least), Some(greatest)) = (ratios.first(), ratios.last()) else { return };
    println!("ratio {name} {:.3} {least:.3} {greatest:.3}", ratios[ratios.len() / 2]);
}
