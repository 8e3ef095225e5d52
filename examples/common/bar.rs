//! Progress bars.

use indicatif::{ProgressBar, ProgressStyle};

/// Returns a bar on standard error, shown only on a terminal.
pub(crate) fn bar(length: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}
