//! Replies that a session remembers, so that a packet sent again is not carried out again.
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::sending::Running;

/// Answers of one session that are remembered; older ones are forgotten, and their packets would be carried out again.
const MAX_ANSWERS: usize = 4096;
/// Bytes of the answers that are remembered.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a packet was answered with.
#[derive(Clone)]
pub(super) enum Answer {
    Text(Arc<str>),
    /// A file stream, which cannot be repeated.
    Stream(Running),
}

impl Answer {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Stream(_) => 0,
        }
    }
}

#[derive(Default)]
pub(super) struct Answers {
    by_id: HashMap<u64, Answer>,
    order: VecDeque<u64>,
    bytes: usize,
}

impl Answers {
    pub(super) fn get(&self, id: u64) -> Option<&Answer> {
        self.by_id.get(&id)
    }

    /// Remembers the first answer to a packet.
    pub(super) fn add(&mut self, id: u64, answer: Answer) {
        self.bytes += answer.len();
        self.order.push_back(id);
        self.by_id.insert(id, answer);
        while self.order.len() > MAX_ANSWERS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.bytes -= self.by_id.remove(&oldest).map_or(0, |answer| answer.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answers_are_forgotten() {
        let text = |length| Answer::Text("x".repeat(length).into());
        let mut answers = Answers::default();
        for id in 0..=MAX_ANSWERS as u64 {
            answers.add(id, text(2));
        }
        assert!(answers.get(0).is_none() && answers.get(1).is_some());
        assert_eq!((answers.by_id.len(), answers.bytes), (MAX_ANSWERS, 2 * MAX_ANSWERS));
        answers.add(9_999, text(MAX_BYTES - 10));
        assert_eq!((answers.by_id.len(), answers.bytes), (6, MAX_BYTES));
    }
}
