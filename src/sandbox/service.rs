//! What a stand-in server of one service adds to the common parts.
use super::record::Message;

/// The commands and the state of one service.
pub(crate) trait Service: Send + 'static {
    /// A message, read far enough to know its command.
    type Request: Send;

    /// Reads a message, without looking at the state.
    fn read(message: &Message) -> Self::Request;
    /// Name of the command, if the message has one.
    fn command(request: &Self::Request) -> Option<&str>;
    /// Carries the request out. Called for one request at a time, in the order of arrival.
    fn carry_out(&mut self, request: Self::Request) -> CarriedOut;
    /// A reply with only a status, as the command would be answered.
    fn status_reply(command: Option<&str>, status: u32) -> String;
    /// The same reply under another name.
    fn renamed(reply: &str, name: &str) -> String;
}

/// What became of a request.
#[derive(Debug)]
pub(crate) struct CarriedOut {
    /// It passed its checks and did what it does; refused requests did not.
    pub(crate) executed: bool,
    /// The real server's process dies of it.
    pub(crate) crashed: bool,
    /// The messages that answer it.
    pub(crate) replies: Vec<String>,
}
