//! The demonstration application, which [`BlazeAuth::start`](super::BlazeAuth::start) serves.
//!
//! A session is initialized with the key `BAquietharbour000041x` ([`API_KEY`]) and any client id of 4 to 64 characters.
//!
//! | Licence | State |
//! |---|---|
//! | `HBR-9911-KIOSK` ([`LICENSE`]) | unused, lasts 90 minutes from its first login, level `staff` |
//! | `HBR-1000-ACTIVE` | active, 12 hours left from the start, levels `staff` and `harbour` |
//! | `HBR-0000-OVER` | expired: 103 |
//! | `HBR-2000-PAUSED` | suspended: 104 |
//! | `HBR-3000-BANNED` | blacklisted: 105 |
//! | `HBR-4000-BOUND` | bound to the client id `another-machine`: 502 for all others |
//! | `HBR-5000-SPARE` | unused, lasts one hour; to be linked to an account |
//!
//! The first login with a licence binds it to the client id.
//!
//! | Account | Password | `credentials_type` | State |
//! |---|---|---|---|
//! | `harbour-master` ([`LOGIN`]) | `correct horse` ([`PASSWORD`]) | 0 | logs in without a licence |
//! | `ada@example.org` | `difference engine` | 1 | needs a licence and has none: 203 until a login gives one |
//!
//! | Variable | Content | Needs a login |
//! |---|---|---|
//! | `motd_text` | `Mind the gap` | no |
//! | `berths` | JSON text | no |
//! | `tide_table` | JSON text | yes |
//!
//! | File | Content |
//! |---|---|
//! | `patch-0007` | 10 bytes, some of them control characters and braces |
//! | `welcome.txt` | a line of text |
//! | `empty.bin` | nothing |
//! | `chart.bin` | 5,000,011 bytes that look random and are the same each time |
use std::time::Duration;

use super::account::Account;
use super::application::{Application, Variable};
use super::files::File;
use super::license::License;

/// The WebSocket API key.
pub const API_KEY: &str = "BAquietharbour000041x";
/// A licence that logs in.
pub const LICENSE: &str = "HBR-9911-KIOSK";
/// An account that logs in, with `credentials_type` 0.
pub const LOGIN: &str = "harbour-master";
/// The password of that account.
pub const PASSWORD: &str = "correct horse";

const HOUR: Duration = Duration::from_secs(3600);
/// Bytes of `chart.bin`.
const CHART: usize = 5_000_011;

/// Returns the application as it is at first.
pub fn application() -> Application {
    let active = |key: &str| License::new(key).active_for(12 * HOUR).levels(["staff", "harbour"]);
    Application::new(API_KEY, "Harbour Kiosk")
        .version("2.4.1")
        .license(License::new(LICENSE).lasts(HOUR * 3 / 2).levels(["staff"]))
        .license(active("HBR-1000-ACTIVE").comment("for the night shift"))
        .license(License::new("HBR-0000-OVER").expired().levels(["staff"]))
        .license(active("HBR-2000-PAUSED").paused())
        .license(active("HBR-3000-BANNED").blacklisted())
        .license(active("HBR-4000-BOUND").client_id("another-machine"))
        .license(License::new("HBR-5000-SPARE").lasts(HOUR))
        .account(Account::new(LOGIN, PASSWORD).levels(["master"]).comment("knows the fairway"))
        .account(Account::new("ada@example.org", "difference engine").email().requires_license())
        .variable(Variable::new("motd_text", "Mind the gap"))
        .variable(Variable::new("berths", r#"{"north":4,"south":11}"#))
        .variable(Variable::new("tide_table", r#"{"high":"04:12"}"#).protected())
        .file(File::new("patch-0007", *b"ab}{\0\xff cde"))
        .file(File::new("welcome.txt", "Welcome to the harbour.\n"))
        .file(File::new("empty.bin", ""))
        .file(File::new("chart.bin", noise(CHART)))
}

/// Bytes that neither repeat nor compress: the output of a xorshift generator.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
