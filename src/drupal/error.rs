//! From answers to the codes of the table, by the rules next to it.

use super::session::is_session_cookie;
use crate::codes::Answer;
use crate::codes::drupal::{Condition, ErrorCode, RULES};
use crate::error::{Cause, Detail, Error, Redaction};
use crate::http::Response;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, LOCATION};

/// The most violations of one message. Further ones are left out.
const VIOLATIONS: usize = 100;

/// Gives an error its code, and codes to the texts of the answer. `session_cleared` says whether the answer removes the
/// session's cookie, `jsonapi` is the path of JSON:API.
pub(super) fn of_answer(
    response: &Response,
    mut error: Error,
    session_cleared: bool,
    jsonapi: &str,
    redaction: &Redaction,
) -> Error {
    let request = response.request();
    let status = response.status().as_u16();
    // The rules know the usual path.
    let path = request.path().replacen(&format!("/{jsonapi}/"), "/jsonapi/", 1);
    let answer = Answer::new(status, request.method().as_str(), &path);
    let sent = request.headers();
    let holds = |condition| match condition {
        Condition::SessionCleared => session_cleared,
        Condition::CredentialsSent => sends_session(sent) || sent.contains_key(AUTHORIZATION),
        Condition::NoContentType => !sent.contains_key(CONTENT_TYPE),
        Condition::Upload => sent.contains_key(CONTENT_DISPOSITION),
        Condition::LogoutConfirmation => asks_to_confirm_logout(response),
        _ => false,
    };
    let code = |text: &str| RULES.find(&answer, text, holds).map(|rule| rule.code());
    let Some(failure) = error.http_failure_mut() else { return error };
    // By the texts as the site wrote them: hidden secrets could be words that the rules look for.
    for (shown, detail) in failure.details.iter_mut().zip(response.details()) {
        shown.code = code(&detail.text).map(Into::into);
    }
    if status == 422 && response.media_type() == "application/json" {
        let violations = violations(response, redaction, code);
        if !violations.is_empty() {
            failure.details = violations;
        }
    }
    let codes = failure.details.iter().filter_map(|detail| detail.code?.downcast());
    match RULES.combined(codes).or_else(|| code("")) {
        Some(code) => error.with_code(code),
        None => error,
    }
}

/// Whether a site redirects to the page that asks whether to log out: the session goes on.
pub(super) fn asks_to_confirm_logout(response: &Response) -> bool {
    response.status().is_redirection()
        && response
            .headers()
            .get(LOCATION)
            .is_some_and(|to| to.to_str().is_ok_and(|to| to.contains("/user/logout/confirm")))
}

/// Returns whether a request has the cookie of a session; there may be others, such as one of a load balancer.
fn sends_session(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let names = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.split('=').next());
    names.map(str::trim).any(is_session_cookie)
}

/// Returns the violations that the message of a REST resource lists, one a line: `mail.0.value: This value is ...`. The
/// first line says that there are some. They are read from the body: an error keeps only the beginning of a long text.
fn violations(response: &Response, redaction: &Redaction, code: impl Fn(&str) -> Option<ErrorCode>) -> Vec<Detail> {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }

    let Ok(Refusal { message }) = serde_json::from_slice(response.bytes()) else { return Vec::new() };
    let violation = |line: &str| {
        let mut detail = Detail::new(redaction.mask(line));
        detail.code = code(line).map(Into::into);
        match line.split_once(": ").map(|(path, _)| path.split('.').next().unwrap_or(path)) {
            Some(field) if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => detail.with_field(field),
            _ => detail,
        }
    };
    let lines = message.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines.take(VIOLATIONS).map(violation).collect()
}

/// Gives its code to the error of a call without a usable answer.
pub(super) fn without_answer(error: Error) -> Error {
    if error.code().is_some() {
        return error;
    }
    let (status, condition) = match error.cause() {
        Cause::Transport(_) => (None, Condition::NoExchange),
        Cause::Timeout(_) => (None, Condition::TimeLimit),
        Cause::Decode(_) | Cause::Protocol(_) => (Some(200), Condition::UnexpectedBody),
        Cause::Io(_) => (None, Condition::FileUnreadable),
        _ => return error,
    };
    match RULES.find(&Answer::new(status, "", ""), "", |it| it == condition) {
        Some(rule) => error.with_code(rule.code()),
        None => error,
    }
}

/// Makes the error for an answer from which the session's cookie was removed although it is a success.
pub(super) fn session_lost(response: &Response) -> Error {
    response.failure().with_code(ErrorCode::InvalidSessionToken)
}
