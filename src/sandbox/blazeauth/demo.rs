//! The demonstration application.
use std::time::Duration;

use super::{Account, Application, File, License, Variable};

/// What [`BlazeAuth::start`](super::BlazeAuth::start) serves.
pub(super) fn application() -> Application {
    Application::new("BAquietharbour000041x", "Harbour Kiosk")
        .version("2.4.1")
        .license(License::new("HBR-9911-KIOSK").lasts(Duration::from_secs(90 * 60)).levels(["staff"]))
        .license(License::new("HBR-0000-OVER").expired())
        .account(Account::new("harbour-master", "correct horse").levels(["master"]))
        .variable(Variable::new("motd_text", "Mind the gap"))
        .variable(Variable::new("tide_table", r#"{"high":"04:12"}"#).protected())
        .file(File::new("patch-0007", *b"ab}{\0\xff cde"))
}
