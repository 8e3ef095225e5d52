//! Grisu3 (Florian Loitsch, "Printing floating-point numbers quickly and accurately with integers", 2010), with 64-bit
//! significands and the exponent range -59..-56 that jsoncons uses. It finds the shortest digits of about 99.5 % of
//! all numbers and knows when it has failed; which numbers fail shows in the server's replies, so the algorithm itself
//! is needed and not just its result.
use std::sync::OnceLock;

/// Decimal digits without zeros at either end, times a power of ten.
pub(super) struct Digits {
    text: String,
    pub(super) exponent: i32,
}

impl Digits {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Of Rust's `d.ddde-d` notation.
    pub(super) fn from_scientific(text: &str) -> Self {
        let (significand, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let digits: String = significand.chars().filter(char::is_ascii_digit).collect();
        let places = digits.len() as i32 - 1;
        let text = digits.trim_end_matches('0').to_owned();
        let zeros = (digits.len() - text.len()) as i32;
        Self { text, exponent: exponent.parse().unwrap_or(0) - places + zeros }
    }
}

/// The shortest digits that read back as `number` (positive and finite), if Grisu3 is sure of them.
pub(super) fn shortest(number: f64) -> Option<Digits> {
    let (low, value, high) = boundaries(number);
    let power = ((-59.0 - f64::from(high.exponent + 64) + 63.0) * std::f64::consts::LOG10_2).ceil() as i32;
    let ten = power_of_ten(power);
    let mut out = Vec::with_capacity(18);
    let exponent = generate(low.times(ten), value.times(ten), high.times(ten), &mut out)? - power;
    Some(Digits { text: out.into_iter().map(char::from).collect(), exponent })
}

/// `significand * 2^exponent`.
#[derive(Clone, Copy)]
struct Scaled {
    significand: u64,
    exponent: i32,
}

impl Scaled {
    fn normalized(self) -> Self {
        let shift = self.significand.leading_zeros();
        Self { significand: self.significand << shift, exponent: self.exponent - shift as i32 }
    }

    /// The upper 64 bits of the product, rounded.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand) + (1 << 63);
        Self { significand: (product >> 64) as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

/// The number between the limits within which everything reads back as it, all with one exponent.
fn boundaries(number: f64) -> (Scaled, Scaled, Scaled) {
    const HIDDEN: u64 = 1 << 52;
    let bits = number.to_bits();
    let biased = (bits >> 52) as i32 & 0x7ff;
    let fraction = bits & (HIDDEN - 1);
    let value = if biased == 0 {
        Scaled { significand: fraction, exponent: -1074 }
    } else {
        Scaled { significand: fraction | HIDDEN, exponent: biased - 1075 }
    };
    let high = Scaled { significand: (value.significand << 1) + 1, exponent: value.exponent - 1 }.normalized();
    // Below a power of two the neighbours are twice as close.
    let (significand, exponent) = if value.significand == HIDDEN {
        ((value.significand << 2) - 1, value.exponent - 2)
    } else {
        ((value.significand << 1) - 1, value.exponent - 1)
    };
    let low = Scaled { significand: significand << (exponent - high.exponent), exponent: high.exponent };
    (low, value.normalized(), high)
}

/// Digits of a number in the interval, as few as possible, as close to `value` as possible; their power of ten.
/// `None` if rounding errors leave that open.
fn generate(low: Scaled, value: Scaled, high: Scaled, out: &mut Vec<u8>) -> Option<i32> {
    let mut unsafe_interval = high.significand - low.significand + 2;
    let distance = high.significand - value.significand + 1;
    let shift = -high.exponent;
    let one = 1_u64 << shift;
    let mut integral = ((high.significand + 1) >> shift) as u32;
    let mut fractional = (high.significand + 1) & (one - 1);
    let mut divisor = 100_u32;
    for kappa in (0..3).rev() {
        let digit = integral / divisor;
        if digit > 0 || !out.is_empty() {
            out.push(b'0' + digit as u8);
        }
        integral %= divisor;
        let rest = (u64::from(integral) << shift) + fractional;
        if rest < unsafe_interval {
            return round(out, distance, unsafe_interval, rest, u64::from(divisor) << shift, 1).then_some(kappa);
        }
        divisor /= 10;
    }
    let mut unit = 1_u64;
    let mut kappa = 0;
    loop {
        fractional *= 10;
        unsafe_interval *= 10;
        unit *= 10;
        kappa -= 1;
        let digit = (fractional >> shift) as u8;
        if digit > 0 || !out.is_empty() {
            out.push(b'0' + digit);
        }
        fractional &= one - 1;
        if fractional < unsafe_interval {
            return round(out, distance.wrapping_mul(unit), unsafe_interval, fractional, one, unit).then_some(kappa);
        }
    }
}

/// Moves the last digit towards the value; whether the result is certainly the closest.
fn round(out: &mut [u8], distance: u64, interval: u64, mut rest: u64, ten_kappa: u64, unit: u64) -> bool {
    let near = distance.wrapping_sub(unit);
    let far = distance.wrapping_add(unit);
    let Some(last) = out.last_mut() else { return false };
    while rest < near
        && interval - rest >= ten_kappa
        && (rest + ten_kappa < near || near - rest >= rest + ten_kappa - near)
    {
        *last -= 1;
        rest += ten_kappa;
    }
    if rest < far && interval - rest >= ten_kappa && (rest + ten_kappa < far || far - rest > rest + ten_kappa - far) {
        return false;
    }
    2 * unit <= rest && rest <= interval.wrapping_sub(4 * unit)
}

const FIRST_POWER: i32 = -343;
const LAST_POWER: i32 = 343;

/// Ten to the given power, rounded to 64 bits.
fn power_of_ten(power: i32) -> Scaled {
    static POWERS: OnceLock<Vec<Scaled>> = OnceLock::new();
    let powers = POWERS.get_or_init(powers_of_ten);
    powers[(power.clamp(FIRST_POWER, LAST_POWER) - FIRST_POWER) as usize]
}

/// All powers, computed exactly (upwards) and with far more bits than needed (downwards).
fn powers_of_ten() -> Vec<Scaled> {
    const WORDS: usize = 64;
    let mut powers = Vec::new();
    // 1 in fixed point with 2016 fractional bits; 10^-343 leaves more than 800 of them.
    let mut down = [0_u32; WORDS];
    down[WORDS - 1] = 1;
    for _ in FIRST_POWER..0 {
        let mut remainder = 0_u64;
        for word in down.iter_mut().rev() {
            let part = remainder << 32 | u64::from(*word);
            *word = (part / 10) as u32;
            remainder = part % 10;
        }
        powers.push(leading_bits(&down, -((WORDS as i32 - 1) * 32)));
    }
    powers.reverse();
    let mut up = [0_u32; WORDS];
    up[0] = 1;
    for _ in 0..=LAST_POWER {
        powers.push(leading_bits(&up, 0));
        let mut carry = 0_u64;
        for word in &mut up {
            let part = u64::from(*word) * 10 + carry;
            *word = part as u32;
            carry = part >> 32;
        }
    }
    powers
}

/// The 64 leading bits of a long number times `2^exponent`, rounded half up.
fn leading_bits(words: &[u32], exponent: i32) -> Scaled {
    let top = words.iter().rposition(|&word| word != 0).unwrap_or(0);
    let word = |back: usize| top.checked_sub(back).map_or(0, |at| u128::from(words[at]));
    let window = word(0) << 96 | word(1) << 64 | word(2) << 32 | word(3);
    let shift = window.leading_zeros();
    let aligned = window << shift;
    let rounded = (aligned >> 64) + (aligned >> 63 & 1);
    let scale = exponent + (top as i32 + 1) * 32 - 64 - shift as i32;
    match u64::try_from(rounded) {
        Ok(significand) => Scaled { significand, exponent: scale },
        Err(_) => Scaled { significand: 1 << 63, exponent: scale + 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_rounded_to_the_nearest() {
        for (power, significand, exponent) in [
            (-343, 0xbf29_dcab_a82f_deae, -1203),
            (-1, 0xcccc_cccc_cccc_cccd, -67),
            (0, 0x8000_0000_0000_0000, -63),
            (1, 0xa000_0000_0000_0000, -60),
            (19, 0x8ac7_2304_89e8_0000, 0),
            (28, 0x813f_3978_f894_0984, 30),
        ] {
            let ten = power_of_ten(power);
            assert_eq!((ten.significand, ten.exponent), (significand, exponent), "10^{power}");
        }
    }

    #[test]
    fn sure_digits_are_the_shortest_and_doubt_is_rare() {
        let mut bits = 42_u64;
        let (mut sure, mut all) = (0, 0);
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = f64::from_bits(bits >> 1);
            if !number.is_finite() || number == 0.0 {
                continue;
            }
            all += 1;
            if let Some(found) = shortest(number) {
                let want = Digits::from_scientific(&format!("{number:e}"));
                assert_eq!((found.text, found.exponent), (want.text, want.exponent), "{number:e}");
                sure += 1;
            }
        }
        assert!(sure * 1000 > all * 990 && sure < all, "{sure} of {all}");
    }
}
