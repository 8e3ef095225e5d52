//! A test with a fault: does your own code do the right thing when the connection is lost at the worst moment?
//!
//! `place_order` is the code under test. Adding to a list twice adds two items, so the client does not repeat the
//! command by itself, and the function has to decide. Run the tests with `cargo test --example test_with_fault`;
//! `cargo run --example test_with_fault` shows the same.

#[path = "common/print.rs"]
mod print;

use print::println;
use serde::{Deserialize, Serialize};
use statuswire::nemesis::Client;
use statuswire::{Delivery, Error};
use statuswire_sandbox::{Fault, Nemesis};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u32,
    item: String,
}

/// Adds an order to the list, exactly once.
async fn place_order(db: &Client, order: &Order) -> Result<(), Error> {
    let orders = db.list::<Order>("orders");
    match orders.push(order).await {
        // The command was on the wire when the connection was lost: look before it is sent again.
        Err(error) if error.delivery() == Delivery::MaybeSent => {
            let stored = orders.get_range(..).await?;
            if stored.contains(order) { Ok(()) } else { orders.push(order).await.map(drop) }
        }
        result => result.map(drop),
    }
}

/// Places an order while `fault` is active. Returns how often the server received it, and the orders that it stored.
async fn orders_after(fault: Fault) -> Result<(u64, Vec<Order>), Box<dyn std::error::Error + Send + Sync>> {
    let server = Nemesis::start().await?;
    let db = Client::connect(&server.url()).await?;
    let orders = db.list::<Order>("orders");
    orders.create().await?;
    server.fault(fault);
    place_order(&db, &Order { id: 1, item: "tea".into() }).await?;
    Ok((server.record().received("OLST_ADD"), orders.get_range(..).await?))
}

/// The server adds the order, but its reply is lost.
fn lost_reply() -> Fault {
    Fault::on("OLST_ADD").nth(1).carried_out().drop_connection()
}

/// The server gets the order, but does not add it.
fn lost_command() -> Fault {
    Fault::on("OLST_ADD").nth(1).drop_connection()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    for (what, fault) in [("the reply", lost_reply()), ("the command", lost_command())] {
        let (received, orders) = orders_after(fault).await?;
        println!("{what} was lost: the server received {received} and stored {}", orders.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_order_whose_reply_is_lost_is_not_sent_again() {
        let (received, orders) = orders_after(lost_reply()).await.unwrap();
        assert_eq!((received, orders.len()), (1, 1));
    }

    #[tokio::test]
    async fn an_order_that_is_lost_is_sent_again() {
        let (received, orders) = orders_after(lost_command()).await.unwrap();
        assert_eq!((received, orders.len()), (2, 1));
    }
}
