//! From answers to the codes of the table, by the rules next to it.

use crate::codes::Answer;
use crate::codes::drupal::{Condition, ErrorCode, RULES};
use crate::error::{Cause, Detail, Error};
use crate::http::Response;
use http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, LOCATION};

/// Gives an error its code, and codes to the texts of the answer. `session_cleared` says whether the answer removes the
/// session's cookie.
pub(super) fn of_answer(response: &Response, mut error: Error, session_cleared: bool) -> Error {
    let request = response.request();
    let status = response.status().as_u16();
    let answer = Answer::new(status, request.method().as_str(), request.path());
    let sent = request.headers();
    let holds = |condition| match condition {
        Condition::SessionCleared => session_cleared,
        Condition::CredentialsSent => sent.contains_key(COOKIE) || sent.contains_key(AUTHORIZATION),
        Condition::NoContentType => !sent.contains_key(CONTENT_TYPE),
        Condition::Upload => sent.contains_key(CONTENT_DISPOSITION),
        Condition::LogoutConfirmation => asks_to_confirm_logout(response),
        _ => false,
    };
    let code = |text: &str| RULES.find(&answer, text, holds).map(|rule| rule.code());
    let Some(failure) = error.http_failure_mut() else { return error };
    if status == 422 && response.media_type() == "application/json" {
        failure.details = failure.details.iter().flat_map(violations).collect();
    }
    for detail in &mut failure.details {
        detail.code = code(&detail.text).map(Into::into);
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

/// Returns the violations that the message of a REST resource lists, one a line: `mail.0.value: This value is ...`. The
/// first line says that there are some.
fn violations(message: &Detail) -> Vec<Detail> {
    let lines: Vec<_> = message.text.lines().skip(1).filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return vec![message.clone()];
    }
    let violation = |line: &str| {
        let detail = Detail::new(line);
        match line.split_once(": ").map(|(path, _)| path.split('.').next().unwrap_or(path)) {
            Some(field) if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => detail.with_field(field),
            _ => detail,
        }
    };
    lines.into_iter().map(violation).collect()
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
