//! A `match` on values, in pieces.

use super::out::{Out, Write};

/// How many arms a `match` has at most. The compiler's work on a `match` grows with the square of its arms.
pub(super) const ARMS: usize = 256;

/// A `match` on the variable `value` in a method.
pub(super) struct ByValue<'a, R> {
    /// The start of the names of the functions that hold the pieces.
    pub(super) name: &'a str,
    /// The type of a value.
    pub(super) integer: &'a str,
    /// The type of a result.
    pub(super) result: &'a str,
    /// The result for other values; `None` if the arms cover all.
    pub(super) other: Option<&'a str>,
    /// Values and their results.
    pub(super) arms: Vec<(i128, R)>,
}

impl<R: Write + Copy> ByValue<'_, R> {
    /// Writes the expression, which `body` puts into a method, and the functions of its pieces if there are several.
    pub(super) fn write(mut self, out: &mut Out, body: impl FnOnce(&mut Out, &dyn Fn(&mut Out))) {
        self.arms.sort_unstable_by_key(|(value, _)| *value);
        let pieces: Vec<_> = self.arms.chunks(ARMS).enumerate().collect();
        if pieces.len() <= 1 {
            body(out, &|out| self.arms(out, &self.arms));
            return;
        }
        body(out, &|out| self.choice(out, &pieces));
        for (at, arms) in pieces {
            out.blank();
            let Self { name, integer, result, .. } = &self;
            out.block(format_args!("const fn {name}_{at}(value: {integer}) -> {result}"), |out| self.arms(out, arms));
        }
    }

    /// Finds the piece of a value by halves.
    fn choice(&self, out: &mut Out, pieces: &[(usize, &[(i128, R)])]) {
        if let [(at, _)] = pieces {
            out.line(format_args!("Self::{}_{at}(value)", self.name));
            return;
        }
        let (low, high) = pieces.split_at(pieces.len() / 2);
        let first = high[0].1[0].0;
        out.open(format_args!("if value < {first} {{"), |out| self.choice(out, low), "} else {");
        out.inside(|out| self.choice(out, high));
        out.line("}");
    }

    fn arms(&self, out: &mut Out, arms: &[(i128, R)]) {
        out.block("match value", |out| {
            for (value, result) in arms {
                out.line((*value, " => ", *result, ","));
            }
            if let Some(other) = self.other {
                out.line(format_args!("_ => {other},"));
            }
        });
    }
}
