//! `events`: events of the application's panel.

use crate::failure::Failure;
use crate::note::note;
use crate::output::{Output, escaped};
use crate::signal::told_to_stop;
use serde_json::{Value, json};
use statuswire::blazeauth::{Client, Event, EventType, State};
use statuswire::rpc::Pushed;
use std::pin::pin;

/// Prints events until it is told to stop, or the session ends.
pub(crate) async fn follow(client: &Client, output: &Output) -> Result<(), Failure> {
    let mut stop = pin!(told_to_stop());
    let (mut events, mut state) = (client.events(), client.state());
    client.subscribe(true).await?;
    if !output.json {
        note("note: waiting for events; ctrl-c ends it");
    }
    loop {
        tokio::select! {
            pushed = events.next() => match pushed {
                Some(Pushed::Event(event)) => show(&event, output)?,
                Some(Pushed::Missed(count)) => {
                    output.result(format!("({count} events were missed)"), &json!({ "missed": count }))?;
                }
                Some(_) => {}
                None => break,
            },
            Ok(()) = state.changed() => {
                match &*state.borrow_and_update() {
                    State::Waiting { cause, .. } => {
                        let cause = escaped(&cause.to_string());
                        note(format_args!("note: events may be missed until the connection is back: {cause}"));
                    }
                    State::Ready { subscribed: false, refused: Some(why), .. } => {
                        let why = escaped(&why.to_string());
                        note(format_args!("note: the service sends no events to the new session: {why}"));
                    }
                    _ => {}
                }
            }
            told = &mut stop => return told.map_err(|error| Failure::Other(format!("no signals: {error}"), 7)),
        }
    }
    match state.wait_for(State::is_closed).await.as_deref() {
        Ok(State::Closed { cause: Some(cause), .. }) => Err((**cause).clone().into()),
        _ => Ok(()),
    }
}

fn show(event: &Event, output: &Output) -> Result<(), Failure> {
    let content: Option<Value> = event.content.as_ref().and_then(|content| serde_json::from_str(content).ok());
    let shown = content.as_ref().map_or_else(String::new, |content| format!(" {}", escaped(&content.to_string())));
    let known = !matches!(event.event_type, EventType::Unknown(_));
    output.result(
        format!("{}{shown}", event.event_type),
        &json!({
            "event_type": event.event_type.value(),
            "name": known.then(|| event.event_type.to_string()),
            "content": content,
        }),
    )
}
