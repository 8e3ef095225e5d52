//! The client, against a fake printer.

use printer::{ErrorCode, Printer};
use statuswire_sandbox::{Fault, Message, Response, Server, Service};
use std::time::Duration;
use sw::codes::Recovery;
use sw::policy::Timeouts;
use sw::{ConnectOptions, Delivery};

/// A printer that does not print, but counts.
#[derive(Default)]
struct FakePrinter {
    printed: u64,
}

impl Service for FakePrinter {
    type Request = String;

    fn read(message: &Message) -> String {
        message.as_text().unwrap_or_default().to_owned()
    }

    fn command(request: &String) -> Option<&str> {
        request.split(' ').next()
    }

    fn carry_out(&mut self, _connection: u64, request: String) -> Response {
        match request.split_once(' ') {
            Some(("PRINT", label)) if label.contains('\u{1b}') => Response::refused().reply("7 escape in the label"),
            Some(("PRINT", _)) => {
                self.printed += 1;
                Response::executed().reply("1").reply("0")
            }
            _ => Response::executed().reply(format!("0 {}", self.printed)),
        }
    }

    fn status_reply(_command: Option<&str>, _id: Option<u64>, status: u32) -> String {
        status.to_string()
    }
}

async fn start() -> (Server<FakePrinter>, Printer) {
    let server = Server::start(FakePrinter::default()).await.unwrap();
    let timeouts = Timeouts::default().with_call(Duration::from_secs(5));
    let options = ConnectOptions::default().with_timeouts(timeouts);
    let printer = Printer::connect(&server.url(), options).await.unwrap();
    (server, printer)
}

#[tokio::test]
async fn labels_are_printed_and_counted() {
    let (_server, printer) = start().await;
    printer.print("fragile").await.unwrap();
    printer.print("this side up").await.unwrap();
    assert_eq!(printer.jobs().await.unwrap(), 2);
}

#[tokio::test]
async fn errors_carry_the_printers_codes() {
    let (server, printer) = start().await;
    let error = printer.print("\u{1b}[2J").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::BadLabel));
    assert_eq!((error.delivery(), error.recovery()), (Delivery::Answered, Recovery::Correct));

    server.fault(Fault::on("PRINT").nth(1).reply_status(ErrorCode::PaperOut.value()));
    let error = printer.print("fragile").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::PaperOut));
    assert_eq!(error.recovery(), Recovery::AskOperator);
    assert_eq!(printer.jobs().await.unwrap(), 0);

    let error = printer.print("").await.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (None, Delivery::NotSent));
}

#[tokio::test]
async fn a_label_is_never_printed_twice() {
    let (server, printer) = start().await;
    // It is printed, but the connection is lost before the replies.
    server.fault(Fault::on("PRINT").nth(1).carried_out().drop_connection());
    let error = printer.print("fragile").await.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (None, Delivery::MaybeSent));
    // The client connects again by itself, and may ask again.
    server.fault(Fault::on("JOBS").nth(1).drop_connection());
    assert_eq!(printer.jobs().await.unwrap(), 1);
    assert_eq!((server.record().received("PRINT"), server.record().received("JOBS")), (1, 2));
    printer.shutdown(Duration::from_secs(1)).await;
}
