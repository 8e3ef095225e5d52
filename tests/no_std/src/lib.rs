//! What a device does with a status: no std, no allocator, a panic handler of its own.
//!
//! If statuswire brought std with it, there would be two panic handlers and this would not build.
#![no_std]
#![forbid(unsafe_code)]

use core::fmt::{self, Write};
use core::panic::PanicInfo;
use statuswire::codes::{AnyCode, Kind, Outcome, nemesis};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Should a device send its command again?
pub extern "C" fn is_worth_repeating(status: u16) -> bool {
    let code = nemesis::ErrorCode::from_value(status);
    code.outcome() == Outcome::Error && code.kind() == Kind::Unavailable
}

/// The number of a name; 0 if the text is no name.
pub fn number_of(name: &str) -> u16 {
    name.parse().map_or(0, nemesis::ErrorCode::value)
}

/// What fits of a code's text into a display's line; returns the number of bytes.
pub fn show(status: u16, line: &mut [u8]) -> usize {
    let mut display = Display { line, used: 0 };
    // A text that does not fit is cut off.
    let _ = write!(display, "{}", AnyCode::of(nemesis::ErrorCode::from_value(status)));
    display.used
}

struct Display<'a> {
    line: &'a mut [u8],
    used: usize,
}

impl Write for Display<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.line.get_mut(self.used..).ok_or(fmt::Error)?;
        let fits = room.len().min(text.len());
        room[..fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.used += fits;
        if fits == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
