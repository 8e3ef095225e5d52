//! Floats as jsoncons spells them: the shortest digits that Grisu3 is sure of, else those of C's `%.15g`, else `%.17g`;
//! always with a point or an exponent, an exponent of at least two digits and always with a sign.
use super::digits::{self, Digits};

/// Appends a float; infinities become `null`, a negative zero loses its sign (observed).
pub(super) fn push(number: f64, out: &mut String) {
    if !number.is_finite() {
        return out.push_str("null");
    }
    if number == 0.0 {
        return out.push_str("0.0");
    }
    if number < 0.0 {
        out.push('-');
    }
    let magnitude = number.abs();
    match digits::shortest(magnitude) {
        Some(shortest) => spell(&shortest, 17, out),
        None => push_printf(magnitude, out),
    }
}

/// What C's `%.15g` prints if that reads back as the same number, else what `%.17g` prints.
fn push_printf(magnitude: f64, out: &mut String) {
    for precision in [15, 17] {
        let text = format!("{magnitude:.*e}", precision - 1);
        if precision == 15 && text.parse() != Ok(magnitude) {
            continue;
        }
        return spell(&Digits::from_scientific(&text), precision as i32, out);
    }
}

/// Places the point: plain notation while it falls into the digits or at most `widest` places from the first one,
/// or into up to three zeros before them; else an exponent.
fn spell(digits: &Digits, widest: i32, out: &mut String) {
    let text = digits.text();
    let count = text.len() as i32;
    let point = count + digits.exponent;
    if count <= point && point <= widest {
        out.push_str(text);
        out.extend(std::iter::repeat_n('0', (point - count) as usize));
        out.push_str(".0");
    } else if 0 < point && point <= widest {
        out.push_str(&text[..point as usize]);
        out.push('.');
        out.push_str(&text[point as usize..]);
    } else if -4 < point && point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', -point as usize));
        out.push_str(text);
    } else {
        out.push_str(&text[..1]);
        if count > 1 {
            out.push('.');
            out.push_str(&text[1..]);
        }
        let exponent = point - 1;
        out.push_str(&format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: f64) -> String {
        let mut out = String::new();
        push(number, &mut out);
        out
    }

    #[test]
    fn the_point_stands_where_jsoncons_puts_it() {
        for (number, want) in [
            (100.0, "100.0"),
            (1.5, "1.5"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.000_012_3, "1.23e-05"),
            (1e16, "10000000000000000.0"),
            (1e17, "1e+17"),
            (1.5e17, "1.5e+17"),
            (1.234_567_890_123_456_7e16, "12345678901234568.0"),
            (1e300, "1e+300"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (0.12345678901234567, "0.12345678901234566"),
            (9.869604401089358, "9.869604401089358"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(text(number), want);
        }
    }

    #[test]
    fn every_text_reads_back_as_the_same_number() {
        let mut bits = 0x0123_4567_89ab_cdef_u64;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits);
            if number.is_finite() && number != 0.0 {
                assert_eq!(text(number).parse(), Ok(number));
            }
        }
    }

    #[test]
    fn without_shortest_digits_printf_decides() {
        let mut out = String::new();
        push_printf(5e-324, &mut out);
        assert_eq!(out, "4.94065645841247e-324");
        out.clear();
        push_printf(1.0 / 3.0, &mut out);
        assert_eq!(out, "0.33333333333333331");
        out.clear();
        push_printf(1e15, &mut out);
        assert_eq!(out, "1e+15");
    }
}
